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

    /// Deepest folders that are looked into, and the most files and folders looked at.
    private static let depth = 16
    private static let most = 20_000

    private(set) var scripts: [String: Stamp] = [:]
    private(set) var configuration: Stamp?
    /// Where something may change, each folder once, with the path by which it was found.
    private(set) var folders: [FolderID: String] = [:]
    private var count = 0

    init(_ files: WatchedFiles) {
        if let path = files.configuration {
            self.configuration = Self.look(at: path)?.stamp
            let folder = URL(filePath: path).deletingLastPathComponent().path(percentEncoded: false)
            self.note(folder)
        }
        self.walk(files.scripts, prefix: "", depth: 0)
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
    private mutating func note(_ folder: String) -> Bool {
        guard let (stamp, isFolder) = Self.look(at: folder), isFolder else { return false }
        let id = FolderID(device: stamp.device, inode: stamp.inode)
        guard self.folders[id] == nil else { return false }
        self.folders[id] = folder
        return true
    }

    private mutating func walk(_ folder: String, prefix: String, depth: Int) {
        // The folder of the configuration file, which may be the same, is only noted.
        guard self.note(folder) || prefix.isEmpty, depth < Self.depth else { return }
        for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
            guard !Self.isIgnored(name) else { continue }
            self.count += 1
            guard self.count <= Self.most else { return }
            let path = folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
            guard let (stamp, isFolder) = Self.look(at: path) else { continue }
            if isFolder {
                self.walk(path, prefix: "\(prefix)\(name)/", depth: depth + 1)
            } else {
                self.scripts[prefix + name] = stamp
            }
        }
    }

    /// Follows links.
    private static func look(at path: String) -> (stamp: Stamp, isFolder: Bool)? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
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
