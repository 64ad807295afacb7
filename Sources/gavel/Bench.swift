import ArgumentParser
import GavelBench

/// `gavel bench`: measures a relay, and checks it while measuring.
struct Bench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure a relay's throughput and latency, and check its order.",
        discussion: """
            Works with any relay of Gavel's protocol. Each sender keeps a window of messages in flight. Every client \
            checks that the room's numbers are contiguous and that its own messages come back in order, none lost. \
            Exits with 1 when they do not, or when clients cannot join or are cut.

            With --rate messages are sent when they are due, whatever comes back, and their latency counts from then: \
            what a relay that stops for a while does to those who would have sent meanwhile is not left out.

            rooms     many rooms of a few clients, everybody sends
            pingpong  each client alone in its room, one message in flight
            fanout    one large room in which a few clients send
            """
    )

    @Argument(help: "rooms, pingpong or fanout.")
    var scenario = BenchScenario.rooms

    @Option(help: "Where the relay listens.")
    var host: String?
    @Option(help: "The relay's port.")
    var port: Int?
    @Option(help: "The relay as ws://host:port/path, instead of --host and --port.")
    var url: String?
    @Option(help: "How many rooms.")
    var rooms: Int?
    @Option(help: "Clients in each room.")
    var perRoom: Int?
    @Option(help: "How many clients of each room send.")
    var senders: Int?
    @Option(help: "Messages that each sender has in flight.")
    var window: Int?
    @Option(help: "Messages in a second of all senders together, instead of a window.")
    var rate: Double?
    @Option(
        help: ArgumentHelp(
            "This part of the clients sends nothing and reads slowly, every second of them nothing at all.",
            valueName: "percent"
        )
    )
    var slow: String?
    @Flag(help: "Clients lose their connections at random, come back and check that they miss nothing.")
    var resume = false
    @Option(help: "Seconds between two losses of one client, on average; with --resume.")
    var dropEvery: Double?
    @Option(help: "text or json.")
    var format = OutputFormat.text
    @Option(help: "Bytes of each message.")
    var payload: Int?
    @Option(help: "Seconds of traffic before the measurement.")
    var warm: Double?
    @Option(help: "Seconds to measure.")
    var duration: Double?
    @Option(help: "Seconds to wait at the end for what is still under way, before it counts as lost.")
    var drain: Double?
    @Option(help: "Rooms are called this and a number.")
    var roomPrefix: String?

    func validate() throws {
        let mistakes = try self.plan().mistakes
        guard mistakes.isEmpty else { throw ValidationError(mistakes.joined(separator: "\n")) }
    }

    func run() async throws {
        let plan = try self.plan()
        if self.format == .text { print(plan.header) }
        let report = try await plan.run(onProgress: Self.showProgress)
        Self.endProgress()
        switch self.format {
        case .json: print(report.json)
        case .text:
            print(report)
            if let curve = report.curve, let width = Terminal.output.width {
                print("\n\(LatencyChart(curve, width: width).text)")
            }
        }
        guard report.isClean else { throw ExitCode.failure }
    }

    /// Writes a line over and over, where somebody looks; `nil`: nobody does.
    private static let showProgress = Self.makeProgress()

    private static func makeProgress() -> (@Sendable (BenchProgress) -> Void)? {
        guard let width = Terminal.errors.width else { return nil }
        return { progress in
            Terminal.errors.write("\r\u{1B}[K" + ProgressBar.line(progress, width: width - 1))
        }
    }

    private static func endProgress() {
        if self.showProgress != nil { Terminal.errors.write("\r\u{1B}[K") }
    }

    private func plan() throws -> BenchPlan {
        var plan = BenchPlan(self.scenario)
        if let url {
            guard self.host == nil, self.port == nil else {
                throw ValidationError("--url stands instead of --host and --port")
            }
            do {
                plan.relay = try RelayAddress(url: url)
            } catch {
                throw ValidationError(error.message)
            }
        }
        plan.relay.host = self.host ?? plan.relay.host
        plan.relay.port = self.port ?? plan.relay.port
        plan.rooms = self.rooms ?? plan.rooms
        plan.clientsPerRoom = self.perRoom ?? plan.clientsPerRoom
        plan.sendersPerRoom = self.senders ?? plan.usualSenders
        if self.rate != nil, self.window != nil { throw ValidationError("--rate stands instead of --window") }
        if self.dropEvery != nil, !self.resume { throw ValidationError("--drop-every goes with --resume") }
        plan.window = self.window ?? plan.window
        plan.rate = self.rate
        plan.slowShare = try self.slow.map(self.share) ?? 0
        plan.dropInterval = self.resume ? try self.seconds("--drop-every", self.dropEvery) ?? .seconds(5) : nil
        plan.payloadBytes = self.payload ?? plan.payloadBytes
        plan.warmUp = try self.seconds("--warm", self.warm) ?? plan.warmUp
        plan.duration = try self.seconds("--duration", self.duration) ?? plan.duration
        plan.drain = try self.seconds("--drain", self.drain) ?? plan.drain
        plan.roomPrefix = self.roomPrefix ?? plan.roomPrefix
        return plan
    }

    private func share(_ text: String) throws -> Double {
        guard text.hasSuffix("%"), let percent = Double(text.dropLast()), (0..<100).contains(percent) else {
            throw ValidationError("--slow takes a part such as 10%, not \(text)")
        }
        return percent / 100
    }

    /// The plan narrows this down; `Duration` cannot hold every `Double`.
    private func seconds(_ name: String, _ value: Double?) throws -> Duration? {
        guard let value else { return nil }
        guard (0...1000).contains(value) else { throw ValidationError("\(name) takes seconds, not \(value)") }
        return .seconds(value)
    }
}

extension BenchScenario: ExpressibleByArgument {}
