import GavelCore
import GavelTesting
import GavelTransport
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Testing

/// The checker of the simulation, over real sockets and four loops.
@Suite("Over sockets and four loops", .timeLimit(.minutes(2)))
struct OrderOverSocketsTests {
    /// What one client saw, and how it was held against the protocol.
    private struct Outcome: Sendable {
        var violations: [String]
        var received: [(place: OrderChecker.Place, text: [UInt8])]
        var numbered: Int
    }

    @Test("random joins, moves, leaves, disconnects and private sends keep every client's order")
    func randomLives() async throws {
        let seed = UInt64.random(in: 0..<1 << 32)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 4)
        let rules = RulesDoubleProvider(Self.answer)
        let hub = RelayHub(
            eventLoops: Array(group.makeIterator()),
            limits: RelayLimits(),
            outbound: OutboundLimits(),
            directory: { key in RoomPolicy(presence: true, rules: key.bytes.last == 0x30 ? nil : rules) }
        )
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        var configuration = TransportConfiguration()
        configuration.port = 0
        let (addresses, continuation) = AsyncStream.makeStream(of: SocketAddress.self)
        let server = GameServer(configuration: configuration, hub: hub, group: group, logger: logger) {
            continuation.yield($0)
        }
        let services = ServiceGroup(services: [server], logger: logger)
        async let running: Void = services.run()
        var iterator = addresses.makeAsyncIterator()
        let address = try #require(await iterator.next())

        var outcomes: [Outcome] = []
        try await withThrowingTaskGroup(of: Outcome.self) { tasks in
            for number in 0..<48 {
                tasks.addTask { try await Self.live(address, seed: seed &+ UInt64(number)) }
            }
            for try await outcome in tasks { outcomes.append(outcome) }
        }
        await services.triggerGracefulShutdown()
        try await running
        hub.stop()
        try await group.shutdownGracefully()

        var places: [OrderChecker.Place: [UInt8]] = [:]
        var differing: Set<OrderChecker.Place> = []
        for outcome in outcomes {
            #expect(outcome.violations.isEmpty, "seed \(seed): \(outcome.violations.prefix(3))")
            for (place, text) in outcome.received {
                if let other = places[place], other != text { differing.insert(place) }
                places[place] = text
            }
        }
        #expect(differing.isEmpty, "seed \(seed): two contents at \(differing.first.debugDescription)")
        #expect(outcomes.reduce(0) { $0 + $1.numbered } > 20_000)
    }

    private static func answer(_ rules: RulesDouble, _ hook: RulesDouble.Hook, _ context: HookContext)
        -> RulesDouble.Answer
    {
        guard case .message(let client, "whisper", _) = hook else { return .init(.relay) }
        let other = rules.clients[Int(context.lastID) % rules.clients.count]
        return .init(
            .handled,
            hasReply: true,
            payload: #""at":\#(context.lastID)"#,
            effects: [.send([other, client], #"{"type":"whispered","at":\#(context.lastID)}"#)]
        )
    }

    private static func live(_ address: SocketAddress, seed: UInt64) async throws -> Outcome {
        var random = SeededGenerator(seed: seed)
        var checker = OrderChecker(keepsTexts: true)
        for _ in 0..<2 {
            let client = try await SocketClient.connect(to: address)
            checker = OrderChecker(continuing: checker)
            var own = 0
            client.send(#"{"type":"join","room":"r\#(Int.random(in: 0...2, using: &random))"}"#)
            for step in 0..<60 {
                switch Int.random(in: 0..<14, using: &random) {
                case 0: client.send(#"{"type":"join","room":"r\#(Int.random(in: 0...2, using: &random))"}"#)
                case 1 where step > 40: client.send(#"{"type":"leave"}"#)
                case 2, 3, 4: client.send(#"{"type":"whisper"}"#)
                case 5:
                    // Reads a little, so that lives overlap in many ways.
                    for _ in 0..<3 {
                        client.send(#"{"type":"gavel.ping"}"#)
                        while let message = await client.next() {
                            checker.receive(message)
                            if message.type == "gavel.pong" { break }
                        }
                    }
                default:
                    own += 1
                    client.send(#"{"type":"say","own":\#(own),"msg_id":5}"#)
                }
            }
            // The pong of a connection follows all that it was told before; `left` all of its room.
            client.send(#"{"type":"leave"}"#)
            client.send(#"{"type":"gavel.ping","ref":"end"}"#)
            while let message = await client.next() {
                checker.receive(message)
                if message.type == "gavel.pong", message["ref"] == "end" { break }
            }
            if Bool.random(using: &random) { client.sendClose(1000) }
            await client.disconnect(reset: Bool.random(using: &random))
        }
        return Outcome(violations: checker.violations, received: checker.received, numbered: checker.numbered)
    }
}
