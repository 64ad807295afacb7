import Foundation

extension RelayFolder {
    /// Of a relay whose rules are saved while people play.
    static func saves(at url: URL, port: Int) -> RelayFolder {
        RelayFolder(
            url: url,
            port: port,
            text: """
                [server]
                host = "127.0.0.1"
                port = \(port)
                drain = "2s"
                unlisted_rooms = "refuse"
                [log]
                format = "json"
                [rules]
                memory = "2MiB"
                [[rooms]]
                match = "saves-*"
                rules = "\(SavedRules.name)"
                linger = "0s"
                """,
            rules: [SavedRules.name: SavedRules(number: 1).text]
        )
    }

    var savedRules: URL { self.url.appending(path: "scripts/\(SavedRules.name)") }
}
