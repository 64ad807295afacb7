// Whichever module the importer saw `stat` in first has to be imported beside Glibc.
internal import CDispatch
internal import Foundation
internal import Glibc

/// What the files were at one look: enough to tell that one is another now, without reading it.
struct FolderScan: Sendable {
    /// A file or folder in one state.
    struct Stamp: Hashable, Sendable {
        let device: UInt64
        let inode: UInt64
        let size: Int64
        /// Nanoseconds since 1970, of the last change to its content, and to anything of it.
        let modified: Int64
        let changed: Int64
    }

    /// A folder, whatever path leads to it.
    struct FolderID: Hashable, Sendable {
        let device: UInt64
        let inode: UInt64
    }

    /// What says that there is nothing to be seen at a path, and not that it cannot be seen for now.
    private static let absences: Set<Int32> = [ENOENT, ENOTDIR, EACCES, EPERM, ELOOP, ENAMETOOLONG]

    /// Deepest folders that are looked into, and the most files and folders looked at.
    private static let depth = 16
    private static let most = 20_000

    private(set) var scripts: [String: Stamp] = [:]
    private(set) var configuration: Stamp?
    /// Where something may change, each folder once, with the path by which it was found.
    private(set) var folders: [FolderID: String] = [:]
    private var count = 0

    /// Of no files.
    init() {}

    /// Looks at the files.
    /// - Throws: ``SystemError`` where they cannot be seen for now: then it is not known which are gone.
    init(_ files: WatchedFiles) throws(SystemError) {
        if let path = files.configuration {
            self.configuration = try Self.look(at: path)?.stamp
            let folder = URL(filePath: path).deletingLastPathComponent().path(percentEncoded: false)
            try self.note(folder)
        }
        try self.walk(files.scripts, prefix: "", depth: 0)
    }

    /// What is another than in an earlier look.
    func changes(since earlier: Self) -> FileChanges {
        var changes = FileChanges(hasConfiguration: self.configuration != earlier.configuration)
        for (name, stamp) in self.scripts where earlier.scripts[name] != stamp { changes.scripts.insert(name) }
        for name in earlier.scripts.keys where self.scripts[name] == nil { changes.scripts.insert(name) }
        return changes
    }

    /// Whether a name is one that editors give to what they put beside a file, or is hidden.
    static func isIgnored(_ name: some StringProtocol) -> Bool {
        name.hasPrefix(".") || name.hasPrefix("#") || name.hasSuffix("~") || name == "4913"
            || [".swp", ".swx", ".tmp", ".bak", ".orig", "___jb_tmp___", "___jb_old___"].contains(where: name.hasSuffix)
    }

    @discardableResult
    private mutating func note(_ folder: String) throws(SystemError) -> Bool {
        guard let (stamp, isFolder) = try Self.look(at: folder), isFolder else { return false }
        let id = FolderID(device: stamp.device, inode: stamp.inode)
        guard self.folders[id] == nil else { return false }
        self.folders[id] = folder
        return true
    }

    private mutating func walk(_ folder: String, prefix: String, depth: Int) throws(SystemError) {
        // The folder of the configuration file, which may be the same, is only noted.
        guard try self.note(folder) || prefix.isEmpty, depth < Self.depth else { return }
        for name in try Self.names(in: folder) where !Self.isIgnored(name) {
            self.count += 1
            guard self.count <= Self.most else { return }
            let path = folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
            guard let (stamp, isFolder) = try Self.look(at: path) else { continue }
            if isFolder {
                try self.walk(path, prefix: "\(prefix)\(name)/", depth: depth + 1)
            } else {
                self.scripts[prefix + name] = stamp
            }
        }
    }

    private static func names(in folder: String) throws(SystemError) -> [String] {
        guard let stream = opendir(folder) else { return try self.absent([]) }
        defer { closedir(stream) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else { break }
            names.append(
                withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            )
        }
        return errno == 0 ? names : try self.absent([])
    }

    /// - Returns: What stands for nothing, if the system said that there is nothing.
    private static func absent<Value>(_ nothing: Value) throws(SystemError) -> Value {
        let code = errno
        guard self.absences.contains(code) else { throw SystemError(code: code) }
        return nothing
    }

    /// Follows links.
    private static func look(at path: String) throws(SystemError) -> (stamp: Stamp, isFolder: Bool)? {
        var status = stat()
        guard stat(path, &status) == 0 else { return try self.absent(nil) }
        let stamp = Stamp(
            device: UInt64(status.st_dev),
            inode: UInt64(status.st_ino),
            size: Int64(status.st_size),
            modified: Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec),
            changed: Int64(status.st_ctim.tv_sec) * 1_000_000_000 + Int64(status.st_ctim.tv_nsec)
        )
        return (stamp, status.st_mode & Glibc.S_IFMT == Glibc.S_IFDIR)
    }
}
