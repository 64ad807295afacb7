// Whichever module the importer saw `stat` in first has to be imported beside Glibc.
internal import CDispatch
internal import Glibc

/// The address of a Unix-domain socket.
enum UnixAddress {
    /// - Parameter path: At most ``ControlSocket/longestPath`` bytes.
    static func with(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> CInt) -> CInt {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { place in
            place.copyBytes(from: path.utf8.prefix(ControlSocket.longestPath))
        }
        return withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}

/// Which file is at a path, and what it is.
struct FileIdentity: Hashable, Sendable {
    private let device: UInt64
    private let number: UInt64
    private let mode: UInt32

    /// - Returns: `nil` where there is none. A link is looked at itself.
    init?(of path: String) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return nil }
        self.device = UInt64(status.st_dev)
        self.number = UInt64(status.st_ino)
        self.mode = UInt32(status.st_mode)
    }

    var isSocket: Bool { self.mode & UInt32(Glibc.S_IFMT) == UInt32(Glibc.S_IFSOCK) }
    var permissions: UInt32 { self.mode & 0o777 }
}

/// Keeps others who ask for it from a folder, for a moment.
struct FolderLock {
    private let descriptor: CInt

    /// Waits for a second at most; whoever holds it longer is no relay.
    init(folderOf path: String) {
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        self.descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard self.descriptor >= 0 else { return }
        for _ in 0..<100 where flock(self.descriptor, LOCK_EX | LOCK_NB) != 0 { usleep(10_000) }
    }

    func release() {
        if self.descriptor >= 0 { Glibc.close(self.descriptor) }
    }
}
