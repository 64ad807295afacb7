internal import CoreMetrics
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore

/// Answers requests: pages for everyone, commands for operators.
struct RelayResponder: HTTPResponder {
    typealias Context = RelayRequestContext

    let rules: RequestRules
    let files: WebFiles
    let api: CommandInterface
    let relay: any CountingRelay
    /// For pages of games; `nil`: its port of the host they are from.
    let relayAddress: String?
    let store: MetricStore

    func respond(to request: Request, context: Context) async -> Response {
        var response: Response
        do throws(HTTPRefusal) {
            try self.rules.checkOrigin(request.head)
            response = try await self.answer(request, by: .http(address: context.address))
        } catch {
            response = Self.response(to: error)
        }
        for (name, value) in Self.headers where !response.headers.contains(name) { response.headers[name] = value }
        self.store.countRequest(answered: response.status)
        return request.method == .head ? response.createHeadResponse() : response
    }

    private func answer(_ request: Request, by caller: CommandCaller) async throws(HTTPRefusal) -> Response {
        let path = request.uri.path
        if path == WebSocketHandshake.path { throw WebSocketHandshake(rules: self.rules).refusal(of: request.head) }
        if path.hasPrefix(CommandInterface.path) {
            try self.rules.checkToken(request.head)
            return try await self.api.answer(request, by: caller)
        }
        let answer: Response?
        switch path {
        case "/healthz": answer = Self.text("ok\n")
        case "/readyz": answer = self.readiness
        case "/metrics":
            try self.rules.checkMetrics(request.head)
            answer = await self.metrics
        default:
            answer = self.files.response(
                for: path,
                relay: self.relayAddress ?? self.relay.presence.port.map { ":\($0)" },
                held: request.headers[.ifNoneMatch]
            )
        }
        guard let answer else { throw HTTPRefusal(.notFound, "There is nothing at this path.") }
        guard request.method == .get || request.method == .head else {
            throw HTTPRefusal(.methodNotAllowed, "This can be read, with GET.")
        }
        return answer
    }

    private var readiness: Response {
        let presence = self.relay.presence
        guard presence.port != nil else { return Self.text("starting\n", .serviceUnavailable) }
        return presence.isDraining ? Self.text("draining\n", .serviceUnavailable) : Self.text("ready\n")
    }

    private var metrics: Response {
        get async {
            var text = RelayMetrics(await self.relay.reading()).text
            for family in self.store.families { family.write(to: &text) }
            var response = Self.text(text)
            response.headers[.contentType] = "text/plain; version=0.0.4; charset=utf-8"
            return response
        }
    }

    private static func text(_ text: String, _ status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status,
            headers: [.contentType: "text/plain; charset=utf-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text))
        )
    }

    private static func response(to refusal: HTTPRefusal) -> Response {
        var response = CommandInterface.error(refusal.code, refusal.text, refusal.status)
        if refusal.status == .unauthorized { response.headers[.wwwAuthenticate] = "Bearer realm=\"gavel\"" }
        if refusal.status == .upgradeRequired {
            response.headers[.upgrade] = WebSocketHandshake.name
            response.headers[.connection] = "upgrade"
            response.headers[.secWebSocketVersion] = WebSocketHandshake.version
        }
        return response
    }

    /// Of every answer that says nothing else.
    private static let headers: [(HTTPField.Name, String)] = [
        (.cacheControl, "no-store"),
        (.contentSecurityPolicy, "default-src 'none'; frame-ancestors 'none'"),
        (.xContentTypeOptions, "nosniff"),
        (.referrerPolicy, "no-referrer"),
        (.openerPolicy, "same-origin"),
        (.resourcePolicy, "same-origin"),
        (.frameOptions, "DENY"),
        (.permissionsPolicy, "camera=(), geolocation=(), microphone=()"),
    ]
}

extension MetricStore {
    func countRequest(answered status: HTTPResponse.Status) {
        let dimensions = [("status", "\(status.code)")]
        Counter(label: "gavel_http_requests_total", dimensions: dimensions, factory: self).increment()
    }
}
