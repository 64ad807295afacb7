internal import Crypto
internal import Foundation
internal import HTTPTypes

/// Which requests become WebSockets (RFC 6455 section 4.2): those for ``path`` from where any other may come.
///
/// A browser's page cannot put the token into a header, and it must not stand in an address, which is logged and kept. So
/// it may be left out here, and is then the first message.
struct WebSocketHandshake: Sendable {
    static let path = CommandInterface.path + "socket"
    static let name = "websocket"
    static let version = "13"
    private static let keySuffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

    let rules: RequestRules

    /// An answer that makes a connection a WebSocket.
    struct Accepted {
        let response: HTTPResponse
        /// Whether the request showed the token.
        let isTrusted: Bool
    }

    /// - Throws: Why it is refused.
    func accept(_ request: HTTPRequest) throws(HTTPRefusal) -> Accepted {
        try self.rules.checkOrigin(request)
        let isTrusted = request.headerFields[.authorization] != nil
        if isTrusted { try self.rules.checkToken(request) } else { try self.rules.checkSite(request) }
        guard request.method == .get else {
            throw HTTPRefusal(.methodNotAllowed, "A WebSocket is opened with GET.")
        }
        let headers = request.headerFields
        guard headers.hasWord(Self.name, in: .upgrade), headers.hasWord("upgrade", in: .connection),
            headers[.secWebSocketVersion] == Self.version
        else { throw HTTPRefusal(.upgradeRequired, "Open a WebSocket here, version \(Self.version) of its protocol.") }
        guard request.path == Self.path else {
            throw HTTPRefusal(.badRequest, "Nothing may follow this path: send what you have to say as messages.")
        }
        guard let key = headers[.secWebSocketKey], Data(base64Encoded: key)?.count == 16 else {
            throw HTTPRefusal(.badRequest, "Sec-WebSocket-Key is to be 16 bytes in Base64.")
        }
        guard headers[.transferEncoding] == nil, (headers[.contentLength] ?? "0") == "0" else {
            throw HTTPRefusal(.badRequest, "A WebSocket is opened without a body.")
        }
        let proof = Data(Insecure.SHA1.hash(data: Data((key + Self.keySuffix).utf8))).base64EncodedString()
        let fields: HTTPFields = [.upgrade: Self.name, .connection: "Upgrade", .secWebSocketAccept: proof]
        return Accepted(response: HTTPResponse(status: .switchingProtocols, headerFields: fields), isTrusted: isTrusted)
    }

    /// Why a request for ``path`` that was not taken for a WebSocket's is refused.
    func refusal(of request: HTTPRequest) -> HTTPRefusal {
        do throws(HTTPRefusal) {
            _ = try self.accept(request)
            return HTTPRefusal(.badRequest, "A WebSocket is opened once all requests before it are answered.")
        } catch {
            return error
        }
    }
}

extension HTTPFields {
    /// Whether a list of words holds one, whatever its case.
    fileprivate func hasWord(_ word: String, in name: HTTPField.Name) -> Bool {
        self[values: name].contains { value in
            value.split(separator: ",").contains { $0.trimmingCharacters(in: .whitespaces).lowercased() == word }
        }
    }
}
