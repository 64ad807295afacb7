internal import CGavelLua

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// What an editor with the Lua language server needs to know of rules.
package enum EditorTypes {
    /// All that rules may use, as a file of types that begins with `---@meta`.
    package static func stub() -> String {
        guard let text = gl_types() else { return "" }
        defer { free(text) }
        return String(cString: text)
    }
}
