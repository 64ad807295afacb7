#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// Where `require` finds the other files of rules.
enum ScriptModules: Sendable {
    /// A folder. Links that lead out of it are not followed.
    case folder(String)
    /// Texts by the name of their file, such as `lib/board.lua`.
    case texts([String: [UInt8]])
    /// A folder, some of whose files have texts that are not saved yet.
    case edited(folder: String, texts: [String: [UInt8]])

    /// What errors call it, with a slash behind it.
    var name: String {
        switch self {
        case .folder(let path), .edited(let path, _): (path.split(separator: "/").last.map(String.init) ?? path) + "/"
        case .texts: "scripts/"
        }
    }

    /// The same with other texts for some files.
    func with(_ texts: [String: [UInt8]]) -> Self {
        switch self {
        case .texts(let old): .texts(old.merging(texts) { $1 })
        case .folder(let path): texts.isEmpty ? self : .edited(folder: path, texts: texts)
        case .edited(let path, let old): .edited(folder: path, texts: old.merging(texts) { $1 })
        }
    }

    /// Reads a file; `nil`: there is none of that name.
    /// - Parameter name: Of sound components, as `require` makes it.
    func source(of name: String) throws(ScriptError) -> ScriptSource? {
        switch self {
        case .texts(let texts):
            return texts[name].map { ScriptSource(name: name, bytes: $0) }
        case .edited(_, let texts) where texts[name] != nil:
            return texts[name].map { ScriptSource(name: name, bytes: $0) }
        case .folder(let folder), .edited(let folder, _):
            guard let root = Self.resolved(folder), let path = Self.resolved(folder + "/" + name) else { return nil }
            guard path.hasPrefix(root == "/" ? root : root + "/") else {
                throw ScriptError(kind: .file, file: name, text: "the file is a link that leads out of \(self.name)")
            }
            return try ScriptSource(path: path, name: name)
        }
    }

    private static func resolved(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}
