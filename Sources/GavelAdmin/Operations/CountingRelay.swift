package import GavelCore

/// How a relay fares, as far as whoever asks without a token may know.
package struct RelayPresence: Sendable {
    /// Where players reach it; `nil`: not yet.
    package var port: Int?
    /// Whether it is going away.
    package var isDraining: Bool

    package init(port: Int?, isDraining: Bool) {
        self.port = port
        self.isDraining = isDraining
    }
}

/// What a relay tells of itself in numbers, at one moment.
package struct RelayReading: Sendable {
    package var version: String
    package var uptimeSeconds: Double
    package var isDraining: Bool
    package var rooms: Int
    package var statistics: RelayStatistics
    package var meters: RelayMeters

    package init(
        version: String,
        uptimeSeconds: Double,
        isDraining: Bool,
        rooms: Int,
        statistics: RelayStatistics,
        meters: RelayMeters
    ) {
        self.version = version
        self.uptimeSeconds = uptimeSeconds
        self.isDraining = isDraining
        self.rooms = rooms
        self.statistics = statistics
        self.meters = meters
    }
}

/// A relay that tells of itself in numbers. Called from any task.
package protocol CountingRelay: Sendable {
    var presence: RelayPresence { get }

    /// Takes a look at each loop.
    func reading() async -> RelayReading
}
