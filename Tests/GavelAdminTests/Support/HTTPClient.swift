import Foundation
import Glibc

/// What came back over HTTP.
struct HTTPAnswer {
    var status: Int
    /// By names in small letters.
    var headers: [String: String]
    var body: [UInt8]

    var text: String { String(decoding: self.body, as: UTF8.self) }
    var lines: [Substring] { self.text.split(separator: "\n") }

    /// - Parameter bytes: All that a server said before it closed.
    init?(_ bytes: [UInt8]) {
        guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
        let head = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
        guard let status = head.first?.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else { return nil }
        self.status = status
        self.headers = [:]
        for line in head.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { return nil }
            self.headers[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces)
        }
        self.body = Array(bytes[end.upperBound...])
        if self.headers["transfer-encoding"] == "chunked" { self.body = Self.joined(self.body) }
    }

    /// What stands in chunks (RFC 9112 section 7.1), as far as they are whole.
    private static func joined(_ chunks: [UInt8]) -> [UInt8] {
        var (rest, bytes) = (chunks[...], [UInt8]())
        while let line = rest.firstRange(of: Array("\r\n".utf8)),
            let count = Int(String(decoding: rest[..<line.lowerBound], as: UTF8.self), radix: 16), count > 0,
            rest[line.upperBound...].count >= count + 2
        {
            bytes += rest[line.upperBound...].prefix(count)
            rest = rest[line.upperBound...].dropFirst(count + 2)
        }
        return bytes
    }
}

/// Asks a server at a port of this machine, with headers that no well-behaved client would send.
struct HTTPClient: Sendable {
    let port: Int
    var token: String?

    /// - Parameters:
    ///   - host: What stands in `Host`; `nil`: the address.
    ///   - most: After how many bytes to leave; `nil`: at the end.
    func ask(
        _ method: String = "GET",
        _ path: String,
        host: String? = nil,
        headers: [String: String] = [:],
        body: String? = nil,
        most: Int = .max
    ) async throws -> HTTPAnswer {
        var text = "\(method) \(path) HTTP/1.1\r\nHost: \(host ?? "127.0.0.1:\(self.port)")\r\nConnection: close\r\n"
        if let token = self.token { text += "Authorization: Bearer \(token)\r\n" }
        if body != nil, headers["Content-Type"] == nil { text += "Content-Type: application/json\r\n" }
        for (name, value) in headers.sorted(by: { $0.key < $1.key }) { text += "\(name): \(value)\r\n" }
        if let body { text += "Content-Length: \(body.utf8.count)\r\n" }
        let request = Array((text + "\r\n" + (body ?? "")).utf8)
        let port = self.port
        let bytes = await withCheckedContinuation { continuation in
            // On a thread of its own, for it blocks.
            Thread.detachNewThread { continuation.resume(returning: Self.exchange(request, port: port, most: most)) }
        }
        guard let answer = HTTPAnswer(bytes) else { throw POSIXError(.ECONNRESET) }
        return answer
    }

    /// Asks for something, reads nothing of it for the length of a closure, and leaves.
    func stall(_ path: String, _ body: () async throws -> Void) async throws {
        let request = "GET \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer \(self.token ?? "")\r\n\r\n"
        let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        guard Self.send(Array(request.utf8), descriptor, port: self.port) else { throw POSIXError(.ECONNRESET) }
        try await body()
    }

    private static func exchange(_ request: [UInt8], port: Int, most: Int) -> [UInt8] {
        let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        guard Self.send(request, descriptor, port: port) else { return [] }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = recv(descriptor, &piece, piece.count, 0)
            guard count > 0 else { return bytes }
            bytes += piece[..<count]
            if bytes.count > most { return bytes }
        }
    }

    /// Connects a socket, whose reads end after two minutes, and sends a request.
    private static func send(_ request: [UInt8], _ descriptor: CInt, port: Int) -> Bool {
        var limit = timeval(tv_sec: 120, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let isConnected = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        return isConnected && Glibc.send(descriptor, request, request.count, CInt(MSG_NOSIGNAL)) == request.count
    }
}
