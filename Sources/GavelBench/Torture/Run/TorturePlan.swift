package import Foundation

/// What a torture does.
package struct TorturePlan: Sendable {
    /// Decides what befalls whom when; how the relay's threads and the system take turns it does not.
    package var seed: UInt64 = 1
    /// How long faults happen; the end takes some seconds more.
    package var duration = Duration.seconds(60)
    package var rooms = 4
    package var clientsPerRoom = 5
    /// Of each client.
    package var messagesPerSecond = 30.0
    /// Between two faults of one client, on average.
    package var faultInterval = Duration.seconds(3)
    /// Between a start of the relay and its end, on average.
    package var relayInterval = Duration.seconds(3)
    package var durability = TortureDurability.strict
    /// The program whose `serve` is the relay.
    package var program: URL

    package init(program: URL) {
        self.program = program
    }

    /// How long those who are away keep their place. Nobody is away for so long, but those who are gone.
    static let grace = Duration.seconds(10)

    package var mistakes: [String] {
        var mistakes: [String] = []
        if !(Duration.seconds(1)...(.seconds(86_400))).contains(self.duration) {
            mistakes.append("seconds must be from 1 to 86400")
        }
        if !(1...100).contains(self.rooms) { mistakes.append("rooms must be from 1 to 100") }
        if !(1...100).contains(self.clientsPerRoom) { mistakes.append("clients in a room must be from 1 to 100") }
        if !(0.1...10_000).contains(self.messagesPerSecond) { mistakes.append("the rate must be from 0.1 to 10000") }
        if !FileManager.default.isExecutableFile(atPath: self.program.path) {
            mistakes.append("\(self.program.path) is no program")
        }
        return mistakes
    }
}
