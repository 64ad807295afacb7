import Foundation
import GavelAdmin

/// A WebSocket to a port of this machine that says whatever a test wants.
final class PlainWebSocket {
    enum Frame: Equatable {
        case text(String)
        case ping
        case pong([UInt8])
        case close(code: Int?, reason: String)
    }

    private let socket: PlainSocket
    private let port: Int
    /// What the first request was answered with.
    let answer: HTTPAnswer

    /// - Parameters:
    ///   - headers: In place of the usual ones, or beside them; `nil`: left out.
    ///   - before: Bytes to send before the request for it.
    init(
        port: Int,
        method: String = "GET",
        path: String = "/api/v1/socket",
        headers: [String: String?] = [:],
        after before: String = ""
    ) async throws {
        self.port = port
        self.socket = try PlainSocket(port: port)
        self.socket.send(before + Self.request(method, path, headers, port: port))
        self.answer = try await Self.answer(from: self.socket)
    }

    private static func request(_ method: String, _ path: String, _ headers: [String: String?], port: Int) -> String {
        let usual: [String: String?] = [
            "Host": "127.0.0.1:\(port)", "Connection": "keep-alive, Upgrade", "Upgrade": "websocket",
            "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        ]
        let lines = usual.merging(headers) { $1 }.compactMap { name, value in value.map { "\(name): \($0)\r\n" } }
        return "\(method) \(path) HTTP/1.1\r\n\(lines.sorted().joined())\r\n"
    }

    /// - Returns: One that has been accepted, and the token shown.
    static func trusted(_ relay: ServedRelay) async throws -> PlainWebSocket {
        let socket = try await PlainWebSocket(port: relay.client.port)
        socket.send(#"{"token":"\#(ServedRelay.token)"}"#)
        return socket
    }

    private static func answer(from socket: PlainSocket) async throws -> HTTPAnswer {
        var head = ""
        while let line = await socket.line() {
            head += line + "\n"
            if line == "\r" { break }
        }
        guard var answer = HTTPAnswer(Array(head.utf8)) else { throw POSIXError(.ECONNRESET) }
        if let length = answer.headers["content-length"].flatMap({ Int($0) }) {
            answer.body = await socket.bytes(length) ?? []
        }
        return answer
    }

    /// What the next request was answered with.
    func nextAnswer() async throws -> HTTPAnswer { try await Self.answer(from: self.socket) }

    /// Asks to become a WebSocket, as it does not do at first where another path was given.
    func upgrade() async throws -> HTTPAnswer {
        self.socket.send(Self.request("GET", "/api/v1/socket", [:], port: self.port))
        return try await self.nextAnswer()
    }

    func send(_ text: String) { self.send(0x81, Array(text.utf8)) }

    /// - Parameters:
    ///   - first: Of the frame's bytes.
    ///   - length: What the frame says; `nil`: the truth.
    func send(_ first: UInt8, _ payload: [UInt8], length: UInt64? = nil, isMasked: Bool = true) {
        let mask: UInt8 = isMasked ? 0x80 : 0
        let length = length ?? UInt64(payload.count)
        var frame = [first]
        switch length {
        case ..<126: frame.append(mask | UInt8(length))
        case ..<65_536: frame += [mask | 126, UInt8(length >> 8), UInt8(length & 255)]
        default: frame += [mask | 127] + stride(from: 56, through: 0, by: -8).map { UInt8(length >> UInt64($0) & 255) }
        }
        let key: [UInt8] = [7, 77, 0, 201]
        if isMasked { frame += key }
        frame += isMasked ? payload.enumerated().map { $1 ^ key[$0 % 4] } : payload
        self.socket.send(frame)
    }

    func sendRaw(_ bytes: [UInt8]) { self.socket.send(bytes) }

    func endInput() { self.socket.endInput() }

    /// - Returns: What comes next; `nil`: the other end has closed the connection.
    func next() async -> Frame? {
        guard let head = await self.socket.bytes(2) else { return nil }
        var length = Int(head[1])
        if length > 125 {
            guard let bytes = await self.socket.bytes(length == 126 ? 2 : 8) else { return nil }
            length = bytes.reduce(0) { $0 << 8 | Int($1) }
        }
        guard let payload = await self.socket.bytes(length) else { return nil }
        switch head[0] {
        case 0x81: return .text(String(decoding: payload, as: UTF8.self))
        case 0x89: return .ping
        case 0x8A: return .pong(payload)
        case 0x88:
            let code = payload.count < 2 ? nil : Int(payload[0]) << 8 | Int(payload[1])
            return .close(code: code, reason: String(decoding: payload.dropFirst(2), as: UTF8.self))
        default: return nil
        }
    }

    /// - Returns: The code with which it is closed after whatever is said before; `nil`: there is none.
    func closeCode() async -> Int? {
        while let frame = await self.next() {
            if case .close(let code, _) = frame { return code }
        }
        return nil
    }
}
