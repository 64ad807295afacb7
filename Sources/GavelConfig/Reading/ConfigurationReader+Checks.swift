import GavelAdmin
import GavelCore
import GavelScript
import GavelTransport

extension ConfigurationReader {
    /// What no key can say alone.
    mutating func checkWhole() {
        let configuration = self.report.configuration
        self.check("outbound", "soft", isBelow: "outbound", "hard") { $0.outbound.softBytes < $0.outbound.hardBytes }
        self.check("limits", "message_bytes", isBelow: "outbound", "hard") { $0.messageBytes < $0.outbound.hardBytes }
        self.checkControlSocket()
        self.checkToken()
        if configuration.transport.echo {
            self.warnOfDevelopment("echo", "/echo is served", "It is for conformance suites")
        }
        if configuration.scripts.showsErrors {
            self.warnOfDevelopment("script_errors", "players are shown errors of the rules", "It is for their authors")
        }
    }

    private mutating func checkControlSocket() {
        let path = ConfigurationPath("control", "socket")
        guard let socket = self.report.configuration.controlSocket, !self.faulty.contains(path) else { return }
        let (length, most) = (socket.utf8.count, ControlSocket.longestPath)
        guard length > most else { return }
        self.fail(
            self.origins[path] ?? .file(self.fileName),
            path: path,
            Complaint(
                "the path \(socket) has \(length) bytes, and a socket's has \(most) at most",
                advice: "Write a shorter one, such as \"/run/gavel.sock\", or \"off\"."
            )
        )
    }

    private mutating func checkToken() {
        let (host, token) = (ConfigurationPath("http", "host"), ConfigurationPath("http", "token"))
        let http = self.report.configuration.http
        guard http.lacksToken, self.faulty.isDisjoint(with: [host, token]), let source = self.origins[host] else {
            return
        }
        self.fail(
            source,
            path: host,
            Complaint(
                "others can reach \"\(http.host ?? "")\", and there is no token to keep them out",
                advice: "Set GAVEL_HTTP_TOKEN or http.token, or write \"127.0.0.1\"."
            )
        )
    }

    private mutating func warnOfDevelopment(_ name: String, _ what: String, _ purpose: String) {
        let path = ConfigurationPath("dev", name)
        guard let source = self.origins[path] else { return }
        self.warn(source, path: path, Complaint(what, advice: "\(purpose): write false where others connect."))
    }

    private mutating func check(
        _ section: String,
        _ name: String,
        isBelow otherSection: String,
        _ otherName: String,
        _ holds: (GavelConfiguration) -> Bool
    ) {
        let configuration = self.report.configuration
        let (low, high) = (ConfigurationPath(section, name), ConfigurationPath(otherSection, otherName))
        guard !holds(configuration), self.faulty.isDisjoint(with: [low, high]) else { return }
        func value(_ path: ConfigurationPath) -> String {
            Settings.all.first { $0.path == path }?.text(configuration) ?? ""
        }
        // One of the two was set, for the defaults fit each other.
        guard let source = self.origins[low] ?? self.origins[high] else { return }
        let isLow = self.origins[low] != nil
        self.fail(
            source,
            path: isLow ? low : high,
            isLow
                ? Complaint(
                    "\(value(low)) is not below \(high) (\(value(high)))",
                    advice: "Lower it, or raise \(high)."
                )
                : Complaint("\(value(high)) is not above \(low) (\(value(low)))", advice: "Raise it, or lower \(low).")
        )
    }
}
