import GavelCore
import GavelTesting
import Testing

@Suite("When a relay goes away")
struct FarewellTests {
    @Test("its clients are told in batches, each once, and the last are as far apart as the first")
    func batches() {
        let relay = SimulatedRelay(loops: 1, seed: 1)
        var waiting = (0..<3_000).map { _ in relay.connect() }
        var delays: [Int64] = []
        var isMore = true
        while isMore, delays.count < 10_000 {
            isMore = relay.loops[0].sayFarewell(to: 256)
            relay.settle()
            let told = waiting.filter { !$0.isOpen }
            waiting.removeAll { !$0.isOpen }
            #expect(told.count == (isMore ? 256 : 3_000 % 256))
            for client in told {
                let read = client.read()
                #expect(read.map(\.type) == ["closing"] && client.closeCodes == [1001])
                delays.append(read.last?[number: "reconnect_in_ms"] ?? 0)
                // It goes before the next batch is told.
                client.disconnect()
            }
        }
        #expect(delays.count == 3_000 && waiting.isEmpty)
        #expect(delays.allSatisfy { (500..<3_500).contains($0) })
        for part in [delays.prefix(500), delays.suffix(500)] {
            for second in 0..<3 as Range<Int64> { #expect(part.count { ($0 - 500) / 1_000 == second } > 120) }
        }
    }
}
