internal import Crypto
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore

/// The files of `Web`, which are part of the program.
struct WebFiles: Sendable {
    private struct File: Sendable {
        let type: String
        let bytes: [UInt8]
    }

    /// By the paths of requests.
    private let files: [String: File]

    /// Paths, upward.
    var paths: [String] { self.files.keys.sorted() }

    init() {
        var files: [String: File] = [:]
        for (path, bytes) in Self.embedded { files[path] = File(type: Self.type(of: path), bytes: bytes) }
        files["/"] = files["/index.html"]
        files["/admin"] = files["/admin/admin.html"]
        self.files = files
    }

    private static let embedded: [String: [UInt8]] = [
        "/admin/admin-api.js": PackageResources.admin_api_js,
        "/admin/admin-chart.js": PackageResources.admin_chart_js,
        "/admin/admin-dialog.js": PackageResources.admin_dialog_js,
        "/admin/admin-figures.js": PackageResources.admin_figures_js,
        "/admin/admin-inspector.js": PackageResources.admin_inspector_js,
        "/admin/admin-live.js": PackageResources.admin_live_js,
        "/admin/admin-overview.js": PackageResources.admin_overview_js,
        "/admin/admin-parts.js": PackageResources.admin_parts_js,
        "/admin/admin-room.js": PackageResources.admin_room_js,
        "/admin/admin-rooms.js": PackageResources.admin_rooms_js,
        "/admin/admin-rules.js": PackageResources.admin_rules_js,
        "/admin/admin.css": PackageResources.admin_css,
        "/admin/admin.html": PackageResources.admin_html,
        "/admin/admin.js": PackageResources.admin_js,
        "/elements.js": PackageResources.elements_js,
        "/gavel.d.ts": PackageResources.gavel_d_ts,
        "/gavel.js": PackageResources.gavel_js,
        "/index.html": PackageResources.index_html,
        "/play/chat.html": PackageResources.chat_html,
        "/play/chat.js": PackageResources.chat_js,
        "/play/draw.html": PackageResources.draw_html,
        "/play/draw.js": PackageResources.draw_js,
        "/play/eights.html": PackageResources.eights_html,
        "/play/eights.js": PackageResources.eights_js,
        "/play/escape.html": PackageResources.escape_html,
        "/play/escape.js": PackageResources.escape_js,
        "/play/icon.svg": PackageResources.icon_svg,
        "/play/lobby.html": PackageResources.lobby_html,
        "/play/lobby.js": PackageResources.lobby_js,
        "/play/play.css": PackageResources.play_css,
        "/play/play.js": PackageResources.play_js,
        "/play/quiz.html": PackageResources.quiz_html,
        "/play/quiz.js": PackageResources.quiz_js,
        "/play/rps-view.js": PackageResources.rps_view_js,
        "/play/rps.html": PackageResources.rps_html,
        "/play/rps.js": PackageResources.rps_js,
        "/play/tictactoe.html": PackageResources.tictactoe_html,
        "/play/tictactoe.js": PackageResources.tictactoe_js,
    ]

    private static func type(of path: String) -> String {
        switch path.split(separator: ".").last {
        case "html": "text/html; charset=utf-8"
        case "js": "text/javascript; charset=utf-8"
        case "css": "text/css; charset=utf-8"
        case "svg": "image/svg+xml"
        default: "text/plain; charset=utf-8"
        }
    }

    /// - Parameters:
    ///   - relay: Where players reach the relay, as an address or `:port`; `nil`: it is not there yet.
    ///   - held: The version of the file that whoever asks has already.
    /// - Returns: `nil`: there is no such file.
    func response(for path: String, relay: String?, held: String?) -> Response? {
        guard let file = self.files[path] else { return nil }
        let isPage = file.type.hasPrefix("text/html")
        let bytes = isPage ? Self.filled(file.bytes, relay: relay) : file.bytes
        let digest = SHA256.hash(data: bytes).prefix(12).map { byte in
            String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
        }
        let version = "\"\(digest.joined())\""
        var headers: HTTPFields = [.contentType: file.type, .cacheControl: "no-cache", .eTag: version]
        if isPage { headers[.contentSecurityPolicy] = Self.policy(of: path) }
        guard held != version else { return Response(status: .notModified, headers: headers) }
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    /// Says where the relay is to a page that asks for it.
    private static func filled(_ page: [UInt8], relay: String?) -> [UInt8] {
        guard let relay, let place = page.firstRange(of: Array("name=\"gavel-relay\" content=\"".utf8)) else {
            return page
        }
        var page = page
        page.insert(contentsOf: relay.utf8, at: place.upperBound)
        return page
    }

    /// Pages are made of files of this relay's alone; those of games speak to relays, here or elsewhere.
    private static func policy(of path: String) -> String {
        let relays = path.hasPrefix("/play/") ? " ws: wss:" : ""
        return "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'\(relays); "
            + "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    }
}
