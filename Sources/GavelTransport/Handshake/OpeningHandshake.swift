import Crypto
import NIOHTTP1

/// Judges a request to open a WebSocket connection (RFC 6455 section 4.2).
///
/// Every path leads to the relay, with or without a query, so that a proxy may add its own; `/echo` alone is apart.
struct OpeningHandshake: Sendable {
    /// The subprotocol that is selected where a client offers it.
    static let subprotocol = "gavel.v1"
    static let version = "13"
    static let echoPath = "/echo"

    enum Verdict: Equatable {
        /// - Parameter response: The head of the answer, to be sent before any frame.
        case accept(response: String, isEcho: Bool)
        case refuse(HandshakeRefusal)
    }

    private let allowedOrigins: Set<String>
    private let servesEcho: Bool

    /// - Parameter allowedOrigins: Compared without regard to case; empty admits any.
    init(allowedOrigins: [String], servesEcho: Bool) {
        self.allowedOrigins = Set(allowedOrigins.map { $0.lowercased() })
        self.servesEcho = servesEcho
    }

    func judge(_ request: HTTPRequestHead) -> Verdict {
        do throws(HandshakeRefusal) {
            try self.checkHTTP(request)
            let isEcho = try self.checkPath(request.uri)
            try self.checkUpgrade(request.headers)
            try self.checkOrigin(request.headers)
            let key = try Self.key(request.headers)
            let subprotocol = request.headers.hasToken(Self.subprotocol, in: "Sec-WebSocket-Protocol")
            return .accept(response: Self.response(key: key, selectsSubprotocol: subprotocol), isEcho: isEcho)
        } catch {
            return .refuse(error)
        }
    }

    private func checkHTTP(_ request: HTTPRequestHead) throws(HandshakeRefusal) {
        guard request.method == .GET else { throw .methodNotAllowed }
        guard request.version.major == 1, request.version.minor >= 1 else {
            throw .badRequest("HTTP/1.1 is needed.")
        }
        let headers = request.headers
        guard !headers.contains(name: "Transfer-Encoding"), headers["Content-Length"].allSatisfy({ $0 == "0" }) else {
            throw .bodyRefused
        }
        let hosts = headers["Host"]
        guard hosts.count == 1, !hosts[0].isEmpty else { throw .badRequest("One Host header is needed.") }
    }

    private func checkPath(_ target: String) throws(HandshakeRefusal) -> Bool {
        guard Self.path(of: target) == Self.echoPath else { return false }
        guard self.servesEcho else { throw .notFound }
        return true
    }

    /// The path of a request target in origin or absolute form, without its query (RFC 9112 section 3.2).
    private static func path(of target: String) -> Substring {
        var rest = target.prefix { $0 != "?" && $0 != "#" }
        if !rest.hasPrefix("/"), let scheme = rest.firstRange(of: "://") {
            rest = rest[scheme.upperBound...].drop { $0 != "/" }
        }
        return rest
    }

    private func checkUpgrade(_ headers: HTTPHeaders) throws(HandshakeRefusal) {
        guard headers.contains(name: "Upgrade") else { throw .upgradeRequired }
        guard headers.hasToken("websocket", in: "Upgrade", ignoringCase: true) else {
            throw .badRequest("Upgrade must be: websocket.")
        }
        guard headers.hasToken("upgrade", in: "Connection", ignoringCase: true) else {
            throw .badRequest("Connection must hold: Upgrade.")
        }
        guard headers["Sec-WebSocket-Version"] == [Self.version] else { throw .versionRequired }
    }

    private func checkOrigin(_ headers: HTTPHeaders) throws(HandshakeRefusal) {
        guard !self.allowedOrigins.isEmpty else { return }
        let origins = headers["Origin"]
        guard origins.count <= 1, origins.allSatisfy({ self.allowedOrigins.contains($0.lowercased()) }) else {
            throw .originForbidden
        }
    }

    private static func key(_ headers: HTTPHeaders) throws(HandshakeRefusal) -> String {
        let keys = headers["Sec-WebSocket-Key"]
        guard keys.count == 1, HandshakeKey.isValid(keys[0]) else {
            throw .badRequest("One Sec-WebSocket-Key header is needed: 16 bytes in Base64.")
        }
        return keys[0]
    }

    private static func response(key: String, selectsSubprotocol: Bool) -> String {
        let selection = selectsSubprotocol ? "Sec-WebSocket-Protocol: \(Self.subprotocol)\r\n" : ""
        return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Accept: \(HandshakeKey.accept(key))\r\n\(selection)\r\n"
    }
}

extension HTTPHeaders {
    /// Whether a comma-separated list, perhaps spread over several headers, has the token.
    fileprivate func hasToken(_ token: String, in name: String, ignoringCase: Bool = false) -> Bool {
        self[canonicalForm: name].contains { $0 == token || ignoringCase && $0.lowercased() == token }
    }
}
