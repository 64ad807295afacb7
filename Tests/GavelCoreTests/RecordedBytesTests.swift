import GavelCore
import GavelSimulation
import GavelTesting
import Testing

/// How recordings stand in files.
@Suite("The bytes of a recording")
struct RecordedBytesTests {
    private let key = RoomKey("r")

    /// Blocks of a recording with all that can stand in one.
    private func parts() -> [[UInt8]] {
        let store = MemoryRecordings()
        let rules = RulesDoubleProvider(name: "count.lua", version: "1") { rules, hook, context in
            rules.lastStop = nil
            switch hook {
            case .join: return .init(.handled, payload: #""a":1"#, effects: [.snapshot(1, "")])
            case .message(let client, "send", _):
                rules.nextTimer = context.uptimeMilliseconds + 50
                return .init(.changed, payload: #"{"type":"x"}"#, effects: [.send([client, 9], #"{"type":"y"}"#)])
            case .message(_, "latest", _): return .init(.relay, latest: .init(value: "k", echoes: false))
            case .message(_, "slow", _):
                rules.lastStop = HookStop(budget: .time, hook: "h", file: "f", line: 3, text: "t", traceback: ["b"])
                return .init(.failed)
            case .message: return .init(.limited, retryAfterMilliseconds: 7)
            case .timer: return .init(.relay, effects: [.signal("s", to: "r", data: "1"), .lock, .unlock])
            default: return .init(.relay)
            }
        }
        let settings = RelaySettings { _ in
            RoomPolicy(resumeGrace: .seconds(60), recording: RecordingLimits(), rules: rules)
        }
        let relay = SimulatedRelay(loops: 1, seed: 1, settings: settings, recordings: store)
        let client = relay.connect()
        client.send(#"{"type":"join","room":"r","resume":true,"name":"Ann"}"#)
        for type in ["send", "latest", "slow", "much"] { client.send(#"{"type":"\#(type)"}"#) }
        relay.settle()
        relay.pass(.milliseconds(100))
        client.disconnect(.lost)
        relay.settle()
        relay.pass(.seconds(2))
        return store.parts(of: self.key)
    }

    @Test("are read as they were written")
    func roundTrip() throws {
        let parts = self.parts()
        let recording = try Recording(Recording.bytes(of: parts, key: self.key, wallMilliseconds: 5))
        let inputs = recording.segments.flatMap(\.inputs)
        #expect(
            inputs.map(\.kind) == [
                .create, .join, .message, .message, .message, .message, .timer, .signal, .drop,
            ]
        )
        #expect(
            inputs[2].answer.effects == [.init(.send, Array(#"{"type":"y"}"#.utf8), recipients: [1, 9])]
        )
        #expect(inputs[2].answer.nextTimer == inputs[2].context.uptimeMilliseconds + 50)
        #expect(inputs[3].answer.latest == .init(type: 0, value: [UInt8(ascii: "k")], echoes: false))
        #expect(inputs[4].stop == HookStop(budget: .time, hook: "h", file: "f", line: 3, text: "t", traceback: ["b"]))
        #expect(inputs[5].answer.retryAfterMilliseconds == 7)
        #expect(inputs[7].signal?.name == [UInt8(ascii: "s")] && inputs[7].signal?.source == self.key)
    }

    @Test("that are cut off or damaged anywhere are refused, with a reason")
    func damage() {
        let bytes = Recording.bytes(of: self.parts(), key: self.key, wallMilliseconds: 5)
        for count in 0..<bytes.count {
            #expect(throws: RecordingError.self) { try Recording(Array(bytes.prefix(count))) }
        }
        for place in bytes.indices {
            var damaged = bytes
            damaged[place] ^= 1 << UInt8(place % 8)
            #expect(throws: RecordingError.self, "byte \(place)") { try Recording(damaged) }
        }
        #expect(throws: RecordingError("this is no recording of a room.")) { try Recording(Array("{}".utf8)) }
        #expect(throws: RecordingError("a newer version of gavel wrote this recording.")) {
            try Recording(Array("gavelrec".utf8) + [2])
        }
        #expect(throws: RecordingError("the recording is damaged: something follows its end.")) {
            try Recording(bytes + [0])
        }
    }

    @Test(
        "with right checksums and wrong content are refused or replayed, and harm nothing",
        arguments: 1...4 as ClosedRange<UInt64>
    )
    func forged(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let parts = self.parts()
        var taken = 0
        for _ in 0..<400 {
            var forged = parts
            let place = Int.random(in: 0..<forged.count, using: &random)
            let kind = forged[place][0]
            var content = Array(forged[place].dropFirst(5).dropLast(8))
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let index = Int.random(in: 0..<content.count, using: &random)
                content[index] = UInt8.random(in: 0...255, using: &random)
            }
            if Bool.random(using: &random) { content.removeLast(Int.random(in: 0..<content.count, using: &random)) }
            var sum = Checksum(Int64(kind))
            sum.add(content)
            let length = withUnsafeBytes(of: UInt32(content.count).littleEndian) { Array($0) }
            let check = withUnsafeBytes(of: sum.value.littleEndian) { Array($0) }
            forged[place] = [kind] + length + content + check
            let bytes = Recording.bytes(of: forged, key: self.key, wallMilliseconds: 5)
            guard let recording = try? Recording(bytes) else { continue }
            taken += 1
            var replay = RulesReplay(RulesDoubleProvider { _, _, _ in .init(.relay) })
            try? replay.run(recording)
        }
        #expect(taken > 0 && taken < 400, "seed \(seed): \(taken)")
    }
}
