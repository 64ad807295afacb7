internal import CGavelLua
package import Foundation

/// What an editor with the Lua language server needs to know of rules.
package enum EditorTypes {
    /// What became of a file.
    package enum Outcome: Hashable, Sendable {
        case written(String)
        case unchanged(String)
        /// It is there and says something else; it was left as it is.
        case kept(String)
    }

    /// Seen from the folder, so that no rules file has its name.
    package static let stubPath = ".gavel/gavel.d.lua"
    package static let settingsPath = ".luarc.json"

    /// All that rules may use, as a file of types that begins with `---@meta`.
    package static func stub() -> String {
        guard let text = gl_types() else { return "" }
        defer { free(text) }
        return String(cString: text)
    }

    /// The language server's settings for a folder of rules.
    ///
    /// The stub has the basic functions as rules have them, so the server's own are off.
    package static let settings = """
        {
          "runtime": {
            "version": "Lua 5.4",
            "builtin": {
              "basic": "disable",
              "coroutine": "disable",
              "debug": "disable",
              "io": "disable",
              "os": "disable",
              "package": "disable"
            }
          },
          "workspace": {
            "library": [".gavel"]
          }
        }

        """

    /// Writes both into the folder of the rules, which is made where there is none.
    ///
    /// The stub is written anew each time. Settings that are there belong to whoever wrote them.
    /// - Throws: What the file system says.
    package static func write(to folder: URL) throws -> [Outcome] {
        let stub = folder.appending(path: self.stubPath)
        try FileManager.default.createDirectory(at: stub.deletingLastPathComponent(), withIntermediateDirectories: true)
        return [
            try self.write(self.stub(), to: stub, mayReplace: true),
            try self.write(self.settings, to: folder.appending(path: self.settingsPath), mayReplace: false),
        ]
    }

    private static func write(_ text: String, to file: URL, mayReplace: Bool) throws -> Outcome {
        let path = file.relativePath
        if FileManager.default.fileExists(atPath: file.path) {
            if try Data(contentsOf: file) == Data(text.utf8) { return .unchanged(path) }
            if !mayReplace { return .kept(path) }
        }
        try Data(text.utf8).write(to: file, options: .atomic)
        return .written(path)
    }
}
