internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore
internal import ServiceLifecycle

/// The commands of a registry over HTTP: `GET /api/v1/rooms?sort=clients` for those that only look, `POST /api/v1/kick`
/// with a JSON object for those that act.
struct CommandInterface: Sendable {
    static let path = "/api/v1/"
    static let description = "openapi.json"

    private let registry: CommandRegistry
    private let bodyBytes: Int
    private let writeTimeout: Duration
    private let document: [UInt8]

    /// - Parameter version: Of the program.
    /// - Throws: Where the commands cannot be described.
    init(_ registry: CommandRegistry, version: String, configuration: HTTPConfiguration) throws {
        self.registry = registry
        self.bodyBytes = configuration.bodyBytes
        self.writeTimeout = configuration.writeTimeout
        self.document = try OpenAPIDocument(registry, version: version).bytes
    }

    func answer(_ request: Request, by caller: CommandCaller) async throws(HTTPRefusal) -> Response {
        let name = String(request.uri.path.dropFirst(Self.path.count))
        if name == Self.description, request.method == .get || request.method == .head {
            return Self.json(self.document)
        }
        guard let command = self.registry.list.commands.first(where: { $0.name == name }) else {
            throw HTTPRefusal(.notFound, "There is no such command. GET \(Self.path)commands lists all.")
        }
        let arguments: [String: JSONValue]
        if command.effect == .looks {
            guard request.method == .get || request.method == .head else {
                throw HTTPRefusal(.methodNotAllowed, "\(name) only looks: use GET.")
            }
            arguments = try Self.arguments(of: command, query: request.uri.query ?? "")
        } else {
            guard request.method == .post else {
                throw HTTPRefusal(.methodNotAllowed, "\(name) acts: use POST, with a JSON object of its arguments.")
            }
            arguments = try await self.arguments(inBodyOf: request)
        }
        do throws(CommandError) {
            if command.isStream {
                try self.registry.check(name, arguments)
                return self.stream(name, arguments, by: caller, to: request)
            }
            return Self.json(try await self.registry.perform(name, arguments, by: caller, send: { _ in }) ?? [])
        } catch {
            return Self.error(error.code.rawValue, error.text, error.code.status)
        }
    }

    private static func arguments(
        of command: CommandList.Entry,
        query: String
    ) throws(HTTPRefusal) -> [String: JSONValue] {
        var arguments: [String: JSONValue] = [:]
        for pair in query.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map { part in
                part.replacing("+", with: " ").removingPercentEncoding
            }
            guard let name = parts[0], let text = parts.count > 1 ? parts[1] : "" else {
                throw HTTPRefusal(.badRequest, "The query is not encoded as it should be.")
            }
            guard arguments[name] == nil else {
                throw HTTPRefusal(.badRequest, "The query holds \"\(name.prefix(64))\" twice.")
            }
            switch (command.arguments.first { $0.name == name }?.kind, text) {
            case (.boolean?, "true"): arguments[name] = .boolean(true)
            case (.boolean?, "false"): arguments[name] = .boolean(false)
            case (.integer?, _): arguments[name] = Int(text).map { .integer($0) } ?? .text(text)
            default: arguments[name] = .text(text)
            }
        }
        return arguments
    }

    private func arguments(inBodyOf request: Request) async throws(HTTPRefusal) -> [String: JSONValue] {
        let type = request.headers[.contentType]?.split(separator: ";").first?.lowercased()
        guard type == "application/json" else {
            throw HTTPRefusal(.unsupportedMediaType, "Send a JSON object, with Content-Type: application/json.")
        }
        let body: ByteBuffer
        do {
            body = try await request.body.collect(upTo: self.bodyBytes)
        } catch {
            throw HTTPRefusal(.contentTooLarge, "The body has \(self.bodyBytes) bytes at most.")
        }
        let bytes = Array(body.readableBytesView)
        guard !bytes.isEmpty else { return [:] }
        guard JSONNesting.depth(of: bytes) <= ControlRequest.depth,
            let value = try? AdminJSON.decode(JSONValue.self, from: bytes), case .object(let arguments) = value
        else { throw HTTPRefusal(.badRequest, "The body is not a JSON object.") }
        return arguments
    }

    /// One JSON object a line, for as long as whoever asked listens.
    private func stream(
        _ name: String,
        _ arguments: [String: JSONValue],
        by caller: CommandCaller,
        to request: Request
    ) -> Response {
        let (registry, writeTimeout) = (self.registry, self.writeTimeout)
        let body = ResponseBody { writer in
            let lines = LineWriter(writer, timeout: writeTimeout)
            try await request.body.consumeWithCancellationOnInboundClose { _ in
                await cancelWhenGracefulShutdown {
                    do throws(CommandError) {
                        _ = try await registry.perform(name, arguments, by: caller) { try await lines.write($0) }
                    } catch  where error.code != .stopping {
                        try? await lines.write((try? AdminJSON.encode(["error": error])) ?? [])
                    } catch {}
                }
            }
            try await lines.finish()
        }
        return Response(status: .ok, headers: [.contentType: "application/x-ndjson"], body: body)
    }

    static func json(_ bytes: [UInt8], _ status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status,
            headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes))
        )
    }

    /// `{"error":{"code":"…","text":"…"}}`
    static func error(_ code: String, _ text: String, _ status: HTTPResponse.Status) -> Response {
        Self.json((try? AdminJSON.encode(["error": ["code": code, "text": text]])) ?? [], status)
    }
}

extension CommandError.Code {
    var status: HTTPResponse.Status {
        switch self {
        case .badRequest, .badArgument: .badRequest
        case .unknownCommand, .notFound: .notFound
        case .refused: .conflict
        case .busy, .stopping: .serviceUnavailable
        case .failed: .internalServerError
        }
    }
}
