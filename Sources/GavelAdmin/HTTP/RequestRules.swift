internal import HTTPTypes

/// Which requests are answered at all, and which are for operators alone.
struct RequestRules: Sendable {
    let token: AccessToken
    /// Whether the token was given, and not made.
    let isTokenGiven: Bool
    let names: [String]

    /// Looks at where a request comes from.
    /// - Throws: Why it is refused.
    func checkOrigin(_ request: HTTPRequest) throws(HTTPRefusal) {
        guard let authority = request.authority, let host = HostName(authority: authority) else {
            throw HTTPRefusal(.badRequest, "The request names no host.")
        }
        guard host.isTrusted(names: self.names) else {
            throw HTTPRefusal(
                .forbidden,
                "This relay is not called that. See http.names of its configuration."
            )
        }
        guard let origin = request.headerFields[.origin] else { return }
        let own = ["http://\(authority)", "https://\(authority)"]
        guard own.contains(where: { $0.lowercased() == origin.lowercased() }) else {
            throw HTTPRefusal(.forbidden, "Pages of other sites may not ask this relay anything.")
        }
    }

    /// Looks at whether whoever asks knows the token.
    /// - Throws: Why it is refused.
    func checkToken(_ request: HTTPRequest) throws(HTTPRefusal) {
        try self.checkSite(request)
        guard self.token.admits(request.headerFields[.authorization]) else {
            throw HTTPRefusal(.unauthorized, "Send the relay's token: Authorization: Bearer ….")
        }
    }

    /// Looks at what a browser says of the page that asks for what is for operators alone.
    /// - Throws: Why it is refused.
    func checkSite(_ request: HTTPRequest) throws(HTTPRefusal) {
        if let site = request.headerFields[.secFetchSite], site != "same-origin", site != "none" {
            throw HTTPRefusal(.forbidden, "Pages of other sites may not ask this relay anything.")
        }
    }

    /// As ``checkToken(_:)``, where others than this machine's own programs may ask: a token was given, the relay has a
    /// name for others, or a proxy asks for somebody.
    func checkMetrics(_ request: HTTPRequest) throws(HTTPRefusal) {
        let isForwarded = HTTPField.Name.forwarding.contains { request.headerFields.contains($0) }
        if self.isTokenGiven || !self.names.isEmpty || isForwarded { try self.checkToken(request) }
    }
}

/// Why a request is not answered.
struct HTTPRefusal: Error, Hashable {
    let status: HTTPResponse.Status
    /// For people: whole sentences.
    let text: String

    init(_ status: HTTPResponse.Status, _ text: String) {
        self.status = status
        self.text = text
    }

    /// For programs, as in ``CommandError``.
    var code: String {
        switch self.status {
        case .unauthorized: "unauthorized"
        case .forbidden: "forbidden"
        case .notFound: "not_found"
        case .methodNotAllowed: "method_not_allowed"
        default: CommandError.Code.badRequest.rawValue
        }
    }
}

extension HTTPField.Name {
    /// What proxies add to what they pass on.
    static let forwarding = [Self("Forwarded")!, Self("X-Forwarded-For")!, Self("X-Real-IP")!, Self("Via")!]
    static let secFetchSite = Self("Sec-Fetch-Site")!
    static let permissionsPolicy = Self("Permissions-Policy")!
    static let referrerPolicy = Self("Referrer-Policy")!
    static let openerPolicy = Self("Cross-Origin-Opener-Policy")!
    static let resourcePolicy = Self("Cross-Origin-Resource-Policy")!
    static let frameOptions = Self("X-Frame-Options")!
}
