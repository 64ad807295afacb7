import GavelCore
import GavelTesting
import Testing

/// A message is read, goes to its room's home, is numbered, committed and sent to each loop. Something ends at each of
/// these moments in turn.
@Suite("At every moment of a message's way")
struct EveryMomentTests {
    enum End: CaseIterable {
        /// The connection is reset.
        case connection
        /// The session comes back on another loop, while the first connection goes on sending.
        case takeover
        /// The relay is killed; its log is strict.
        case relay
    }

    @Test("an end costs no message and doubles none", arguments: End.allCases, [1, 3])
    func ends(_ end: End, loops: Int) {
        for isLogged in end == .relay ? [true] : [false, true] {
            for seed in 0..<4 as Range<UInt64> {
                var moment = 0
                while moment < 200 {
                    let scene = Scene(loops: loops, isLogged: isLogged, seed: seed)
                    let isReached = scene.play(end, at: moment)
                    #expect(scene.violations == [], "\(end), seed \(seed), moment \(moment)")
                    if !scene.violations.isEmpty || !isReached { break }
                    moment += 1
                }
                // One loop without a log does all in one tick.
                #expect(moment > (loops == 1 && !isLogged ? 0 : 2) && moment < 200)
            }
        }
    }
}

/// One client speaks, another listens.
private final class Scene {
    private let clock = ManualClock()
    private let log: MemoryMessageLog?
    private var relay: SimulatedRelay
    private var random: SeededGenerator
    private var speaker: SimulatedClient
    private var listener: SimulatedClient
    private let sent = (1...3).map { #"{"type":"say","n":\#($0)}"# }
    /// What each was told when it joined.
    private var joined: [ReceivedMessage] = []
    private(set) var violations: [String] = []

    private static let policy = RoomPolicy(linger: .seconds(600), resumeGrace: .seconds(600))

    init(loops: Int, isLogged: Bool, seed: UInt64) {
        self.random = SeededGenerator(seed: seed &+ 100)
        self.log = isLogged ? MemoryMessageLog(.strict, wallMilliseconds: self.clock.relayClock.wallMilliseconds) : nil
        self.relay = Self.makeRelay(loops: loops, seed: seed, log: self.log, clock: self.clock)
        self.speaker = self.relay.connect(on: 0)
        self.listener = self.relay.connect(on: loops - 1)
        for client in [self.speaker, self.listener] {
            client.send(#"{"type":"join","room":"r","resume":true}"#)
            self.settle()
            self.joined.append(client.read()[0])
        }
    }

    private static func makeRelay(loops: Int, seed: UInt64, log: MemoryMessageLog?, clock: ManualClock)
        -> SimulatedRelay
    {
        SimulatedRelay(loops: loops, seed: seed, log: log, clock: clock, directory: { _ in Self.policy })
    }

    private func settle() {
        repeat { self.relay.settle() } while self.log?.deliver() ?? false
    }

    /// - Returns: `false` where nothing is left to do.
    private func step() -> Bool {
        if let log, Bool.random(using: &self.random), log.deliver() { return true }
        return self.relay.step() || self.log?.deliver() ?? false
    }

    /// - Returns: `false` where all was over before that moment.
    func play(_ end: EveryMomentTests.End, at moment: Int) -> Bool {
        self.speaker.send(self.sent[0])
        self.speaker.send(self.sent[1])
        for _ in 0..<moment { guard self.step() else { return false } }
        let heard = self.ids(self.speaker.read())
        let listened = self.ids(self.listener.read())
        switch end {
        case .connection: self.speaker.disconnect(.lost)
        case .takeover: break
        case .relay:
            self.speaker.disconnect(.lost)
            self.listener.disconnect(.lost)
            self.log!.crash()
            self.relay = Self.makeRelay(loops: self.relay.loops.count, seed: 9, log: self.log, clock: self.clock)
        }
        let former = self.speaker
        self.speaker = self.resume(0, from: heard.last ?? 0, on: self.relay.loops.count / 2)
        if end == .takeover { former.send(self.sent[2]) }
        if end == .relay { self.listener = self.resume(1, from: listened.last ?? 0, on: 0) }
        self.settle()
        self.judge(heard, listened, end)
        return true
    }

    private func ids(_ messages: [ReceivedMessage]) -> [Int64] { messages.compactMap { $0[number: "msg_id"] } }

    private func resume(_ index: Int, from id: Int64, on loop: Int) -> SimulatedClient {
        let client = self.relay.connect(on: loop)
        let (session, epoch) = (self.joined[index]["session"]!, self.joined[index]["epoch"]!)
        let position = #"{"session":"\#(session)","epoch":"\#(epoch)","msg_id":\#(id)}"#
        client.send(#"{"type":"join","room":"r","resume":\#(position)}"#)
        return client
    }

    /// Sends again what was not handled, and looks at what everybody has heard.
    private func judge(_ heard: [Int64], _ listened: [Int64], _ end: EveryMomentTests.End) {
        var answers = self.speaker.read()
        guard answers.first?.description.contains(#""recovered":true"#) ?? false else {
            return self.violations.append("not recovered: \(answers)")
        }
        for text in self.sent.dropFirst(Int(answers[0][number: "handled"]!)) { self.speaker.send(text) }
        self.settle()
        answers += self.speaker.read()
        let rest = self.listener.read().filter { $0.type == "say" }
        let all: [Int64] = [1, 2, 3]
        if heard + self.ids(Array(answers.dropFirst())) != all {
            self.violations.append("spoken: \(heard), \(answers)")
        }
        if listened + self.ids(rest) != all { self.violations.append("heard: \(listened), \(rest)") }
        if listened + rest.map({ $0[number: "n"]! }) != all { self.violations.append("out of order: \(rest)") }
    }
}
