import Foundation
import Glibc

/// A blocking socket, of this machine alone, for what no well-behaved client does. Each read ends after two minutes.
final class PlainSocket {
    private let descriptor: CInt
    private var rest: [UInt8] = []

    /// - Parameter path: Of a Unix-domain socket.
    init(_ path: String) throws {
        self.descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)
        try self.open { Self.withAddress(path, $0) }
    }

    init(port: Int) throws {
        self.descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        try self.open { connect in
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = in_port_t(UInt16(port).bigEndian)
            address.sin_addr.s_addr = inet_addr("127.0.0.1")
            return withUnsafePointer(to: address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect($0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
        }
    }

    private func open(
        _ withAddress: ((UnsafePointer<sockaddr>, socklen_t) -> CInt) -> CInt
    ) throws {
        var limit = timeval(tv_sec: 120, tv_usec: 0)
        setsockopt(self.descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(self.descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        let result = withAddress { connect(self.descriptor, $0, $1) }
        guard result == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
    }

    deinit {
        close(self.descriptor)
    }

    static func withAddress(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> CInt) -> CInt {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix(107)) }
        return withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }

    /// Leaves the file of a socket on which nobody listens, as a relay that was killed does.
    static func abandon(_ path: String) {
        let descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)
        _ = self.withAddress(path) { bind(descriptor, $0, $1) }
        close(descriptor)
    }

    /// - Returns: `false` where the other end has closed.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(self.descriptor, $0.baseAddress! + sent, bytes.count - sent, CInt(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    @discardableResult
    func send(_ text: String) -> Bool { self.send(Array(text.utf8)) }

    func endInput() { shutdown(self.descriptor, CInt(SHUT_WR)) }

    /// - Returns: The next bytes; `nil`: the other end has closed, or says nothing.
    func bytes(_ count: Int) async -> [UInt8]? {
        while self.rest.count < count {
            let bytes = await Self.receive(from: self.descriptor)
            guard !bytes.isEmpty else { return nil }
            self.rest += bytes
        }
        defer { self.rest.removeFirst(count) }
        return Array(self.rest.prefix(count))
    }

    /// - Returns: The next line; `nil`: the other end has closed, or says nothing.
    func line() async -> String? {
        while true {
            if let end = self.rest.firstIndex(of: UInt8(ascii: "\n")) {
                defer { self.rest.removeFirst(end + 1) }
                return String(decoding: self.rest[..<end], as: UTF8.self)
            }
            let bytes = await Self.receive(from: self.descriptor)
            guard !bytes.isEmpty else { return nil }
            self.rest += bytes
        }
    }

    /// On a thread of its own, for it blocks.
    private static func receive(from descriptor: CInt) async -> [UInt8] {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                var bytes = [UInt8](repeating: 0, count: 1 << 16)
                let count = recv(descriptor, &bytes, bytes.count, 0)
                continuation.resume(returning: Array(bytes[..<max(count, 0)]))
            }
        }
    }
}
