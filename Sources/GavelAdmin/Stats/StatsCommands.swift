extension Commands {
    package static let stats = Command<NoArguments, RelayStats>(
        "stats",
        "Tells what the relay has counted and measured since its start.",
        .looks
    )
    package static let live = StreamCommand<LiveArguments, RelayStats>(
        "live",
        "Tells that again and again; times and sizes are of the while since the line before."
    )
}

package struct LiveArguments: CommandArguments {
    package var milliseconds: Int?

    package static let fields = [
        CommandField("milliseconds", .integer, "Between two lines; by default 1000.", range: 250...60_000)
    ]

    package init(milliseconds: Int? = nil) {
        self.milliseconds = milliseconds
    }
}

extension CommandRegistry {
    /// - Parameter wait: How streams wait for their next line.
    package mutating func add(
        _ relay: any CountingRelay,
        wait: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) {
        self.add(Commands.stats) { _ in RelayStats(await relay.reading()) }
        self.add(Commands.live) { arguments, send in
            var last = await relay.reading()
            try await send(RelayStats(last))
            while true {
                try await wait(.milliseconds(arguments.milliseconds ?? 1_000))
                let reading = await relay.reading()
                try await send(RelayStats(reading, since: last.meters))
                last = reading
            }
        }
    }
}
