internal import Glibc

/// A listening Unix-domain socket that belongs to one relay.
package struct ControlSocket: Sendable {
    /// Longest path in bytes, as the system has it.
    package static let longestPath = 107

    let descriptor: CInt
    let path: String
    /// Of the file, so that nobody else's is removed.
    private let identity: FileIdentity

    /// Makes the socket, for its owner alone from the first moment. One that an ended relay left behind is replaced.
    /// - Throws: Where another relay listens there, and where there can be no socket.
    package static func listen(at path: String) throws(ControlSocketError) -> Self {
        guard path.utf8.count <= Self.longestPath else { throw ControlSocketError(path, .tooLong) }
        // Relays that start at the same time look and replace one after the other.
        let lock = FolderLock(folderOf: path)
        defer { lock.release() }
        try Self.clear(path)
        let descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw ControlSocketError(path, .system(errno)) }
        do throws(ControlSocketError) {
            return Self(descriptor: descriptor, path: path, identity: try Self.bind(descriptor, path))
        } catch {
            Glibc.close(descriptor)
            throw error
        }
    }

    private static func bind(_ descriptor: CInt, _ path: String) throws(ControlSocketError) -> FileIdentity {
        // Linux gives the file the mode of the socket, less the process's mask: there is no moment at which it is wider.
        guard fchmod(descriptor, 0o600) == 0 else { throw ControlSocketError(path, .system(errno)) }
        guard UnixAddress.with(path, { Glibc.bind(descriptor, $0, $1) }) == 0 else {
            throw ControlSocketError(path, .system(errno))
        }
        guard let file = FileIdentity(of: path), file.isSocket, file.permissions & 0o177 == 0 else {
            unlink(path)
            throw ControlSocketError(path, .unsafe)
        }
        guard Glibc.listen(descriptor, 16) == 0 else {
            let code = errno
            unlink(path)
            throw ControlSocketError(path, .system(code))
        }
        return file
    }

    /// Makes room for a socket, unless what is there is somebody's.
    private static func clear(_ path: String) throws(ControlSocketError) {
        guard let file = FileIdentity(of: path) else { return }
        guard file.isSocket else { throw ControlSocketError(path, .notASocket) }
        guard Self.isAbandoned(path) else { throw ControlSocketError(path, .inUse) }
        guard unlink(path) == 0 || errno == ENOENT else { throw ControlSocketError(path, .system(errno)) }
    }

    /// Whether nobody listens on a socket.
    private static func isAbandoned(_ path: String) -> Bool {
        let type = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue) | CInt(SOCK_NONBLOCK.rawValue)
        let descriptor = socket(AF_UNIX, type, 0)
        guard descriptor >= 0 else { return false }
        defer { Glibc.close(descriptor) }
        return UnixAddress.with(path) { Glibc.connect(descriptor, $0, $1) } != 0 && errno == ECONNREFUSED
    }

    /// Gives up a socket that nobody serves yet.
    package func discard() {
        self.remove()
        Glibc.close(self.descriptor)
    }

    /// Removes the file, unless it is another's by now.
    func remove() {
        let lock = FolderLock(folderOf: self.path)
        defer { lock.release() }
        if FileIdentity(of: self.path) == self.identity { unlink(self.path) }
    }
}

/// Why there is no control socket.
package struct ControlSocketError: Error, Hashable, CustomStringConvertible {
    package enum Cause: Hashable, Sendable {
        case tooLong
        case inUse
        case notASocket
        /// Others could open it.
        case unsafe
        /// The number of what the system said.
        case system(CInt)
    }

    package let path: String
    package let cause: Cause

    init(_ path: String, _ cause: Cause) {
        self.path = path
        self.cause = cause
    }

    package var description: String {
        let elsewhere = "name another below [control] (GAVEL_CONTROL_SOCKET), or \"off\""
        return switch self.cause {
        case .tooLong: "the control socket \(self.path) has a path of more than \(ControlSocket.longestPath) bytes"
        case .inUse: "another relay has the control socket \(self.path): stop it, or \(elsewhere)"
        case .notASocket: "\(self.path) is to be the control socket, and is something else: move it, or \(elsewhere)"
        case .unsafe: "the file system of \(self.path) does not keep the control socket private: \(elsewhere)"
        case .system(let code):
            "the control socket \(self.path) cannot be made (\(String(cString: strerror(code)))): \(elsewhere)"
        }
    }
}
