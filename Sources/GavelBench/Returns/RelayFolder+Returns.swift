import Foundation

extension RelayFolder {
    static let returnsLog = "returns.db"

    /// Of a relay to which many return.
    static func returns(at url: URL, port: Int, plan: ReturnsPlan) -> RelayFolder {
        RelayFolder(
            url: url,
            port: port,
            text: """
                [server]
                host = "127.0.0.1"
                port = \(port)
                max_connections = \(plan.clients + 16)
                drain = "30s"
                [limits]
                join_timeout = "2m"
                handshake_timeout = "1m"
                [log]
                format = "json"
                [http]
                host = "off"
                [storage]
                kind = "sqlite"
                path = "\(Self.returnsLog)"
                durability = "\(plan.durability.rawValue)"
                [[rooms]]
                match = "returns-*"
                linger = "10m"
                resume = { grace = "10m" }
                """
        )
    }
}
