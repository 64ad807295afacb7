import NIOHTTP1

/// The HTTP answer to a request that opens no connection: a status and a sentence that says what to do instead.
struct HandshakeRefusal: Error, Equatable {
    var status: HTTPResponseStatus
    var message: String
    /// Headers beside the usual ones, as lines without their ends.
    var headers: [String] = []

    static func badRequest(_ message: String) -> Self {
        Self(status: .badRequest, message: message)
    }

    /// Also the answer to a plain HTTP request.
    static let upgradeRequired = Self(
        status: .upgradeRequired,
        message:
            "This is a Gavel relay. Connect with a WebSocket client, for example new WebSocket(\"ws://host:port/\").",
        headers: ["Upgrade: websocket", "Sec-WebSocket-Version: \(OpeningHandshake.version)"]
    )
    static let versionRequired = Self(
        status: .upgradeRequired,
        message: "Sec-WebSocket-Version must be \(OpeningHandshake.version).",
        headers: ["Upgrade: websocket", "Sec-WebSocket-Version: \(OpeningHandshake.version)"]
    )
    static let originForbidden = Self(
        status: .forbidden,
        message: "Pages of this origin may not connect here; server.allowed_origins lists those that may."
    )
    static let notFound = Self(status: .notFound, message: "The echo path is not served here.")
    static let methodNotAllowed = Self(
        status: .methodNotAllowed,
        message: "A WebSocket connection is opened with GET.",
        headers: ["Allow: GET"]
    )
    static let timedOut = Self(status: .requestTimeout, message: "The request took too long.")
    static let bodyRefused = Self(status: .payloadTooLarge, message: "The request must not have a body.")
    static let headersTooLarge = Self(
        status: .requestHeaderFieldsTooLarge,
        message: "The request's headers are too large."
    )
    static let draining = Self(
        status: .serviceUnavailable,
        message: "The relay is going away. Connect again in a moment.",
        headers: ["Retry-After: 2"]
    )
    static let tooManyConnections = Self(
        status: .serviceUnavailable,
        message: "Too many connections from this address.",
        headers: ["Retry-After: 10"]
    )

    /// The whole answer, after which the connection is closed.
    /// - Parameter hasBody: Whether the request's method admits a body in the answer; HEAD does not.
    func response(hasBody: Bool = true) -> String {
        let body = self.message + "\n"
        var lines = [
            "HTTP/1.1 \(self.status.code) \(self.status.reasonPhrase)",
            "Content-Type: text/plain; charset=utf-8",
            "Content-Length: \(body.utf8.count)",
        ]
        // An Upgrade header counts only where Connection names it (RFC 9110 section 7.8).
        lines.append(self.headers.contains("Upgrade: websocket") ? "Connection: Upgrade, close" : "Connection: close")
        lines += self.headers
        return lines.joined(separator: "\r\n") + "\r\n\r\n" + (hasBody ? body : "")
    }
}
