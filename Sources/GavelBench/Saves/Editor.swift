package import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// How programs save a file.
package enum Editor: String, CaseIterable, Sendable {
    /// Writes over the file: VS Code, nano.
    case truncate
    /// Writes a swap file beside it, tries a name, renames the file to a backup, and writes a new one: vim.
    case vim
    /// Has a lock and an automatic save beside it, writes another file and renames it in its place: emacs.
    case emacs
    /// Writes a file with a name by chance, and renames it in its place: sed -i, and programs that save safely.
    case sed
    /// Renames the file, renames another in its place, and removes the first: JetBrains.
    case backup

    package func save(_ text: String, to file: URL) throws {
        let folder = file.deletingLastPathComponent()
        let name = file.lastPathComponent
        func write(_ name: String, _ text: String = "…") throws {
            try Data(text.utf8).write(to: folder.appending(path: name))
        }
        func remove(_ name: String) throws { try FileManager.default.removeItem(at: folder.appending(path: name)) }
        func move(_ from: String, _ to: String) {
            _ = rename(folder.appending(path: from).path, folder.appending(path: to).path)
        }
        let isNew = !FileManager.default.fileExists(atPath: file.path)
        switch self {
        case .truncate:
            try write(name, text)
        case .vim:
            try write(".\(name).swp")
            try write("4913")
            try remove("4913")
            if !isNew { move(name, "\(name)~") }
            try write(name, text)
            if !isNew { try remove("\(name)~") }
            try remove(".\(name).swp")
        case .emacs:
            try write(".#\(name)")
            try write("#\(name)#")
            if !isNew { move(name, "\(name)~") }
            try write(name, text)
            try remove("#\(name)#")
            try remove(".#\(name)")
        case .sed:
            try write("sedQx7Ab2", text)
            move("sedQx7Ab2", name)
        case .backup:
            try write("\(name)___jb_tmp___", text)
            if !isNew { move(name, "\(name)___jb_old___") }
            move("\(name)___jb_tmp___", name)
            if !isNew { try remove("\(name)___jb_old___") }
        }
    }
}
