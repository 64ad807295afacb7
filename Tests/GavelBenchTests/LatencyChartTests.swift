import Testing

@testable import GavelBench

@Suite("The picture of latencies")
struct LatencyChartTests {
    @Test("goes as far as there are messages for, and gives each place the latency of its share")
    func curve() {
        for (count, nines) in [(1, 1), (99, 1), (100, 2), (12_345, 4), (.max, 6)] as [(UInt64, Int)] {
            let curve = LatencyCurve(count: count) { .seconds($0) }
            #expect(curve.nines == nines)
            #expect(curve.values.count == nines * 50 + 1)
            #expect(curve.value(at: 0) == .zero)
            #expect(abs(curve.value(at: 1 / Double(nines)) / .seconds(1) - 0.9) < 1e-9)
            #expect(curve.values == curve.values.sorted())
        }
    }

    @Test("draws it, with latencies to the left and shares below")
    func picture() {
        let curve = LatencyCurve(count: 1_000) { .milliseconds($0 < 0.5 ? 1 : $0 < 0.99 ? 2 : 8) }
        let expected = """
                8.00 ms ┤                        ████████████
                        │                        ████████████
                        │                        ████████████
                        │                        ████████████
                4.00 ms ┤                        ████████████
                        │                        ████████████
                        │    ████████████████████████████████
                        │████████████████████████████████████
                        └────────────────────────────────────
                         0        90 %        99 %     99.9 %
            """
        #expect(LatencyChart(curve, width: 50).text == expected)
    }

    @Test("is as wide as the terminal, within bounds", arguments: [(20, 40), (80, 80), (500, 120)])
    func width(terminal: Int, expected: Int) {
        let curve = LatencyCurve(count: 1_000_000) { .milliseconds(1 + 10 * $0) }
        let lines = LatencyChart(curve, width: terminal).text.split(separator: "\n")
        #expect(lines.map(\.count).max() == expected - 1)
        #expect(lines.first?.last == "█")
    }

    @Test("the progress is one line that fits")
    func progress() {
        var progress = BenchProgress(stage: .measuring, share: 0.5, clientsJoined: 8, delivered: 1_234_567)
        #expect(
            ProgressBar.line(progress, width: 100)
                == "measuring [############------------] 50 %  1,234,567 messages"
        )
        progress = BenchProgress(stage: .joining, share: 1, clientsJoined: 800, delivered: 0)
        #expect(
            ProgressBar.line(progress, width: 100) == "joining   [########################] 100 %  800 clients"
        )
        #expect(ProgressBar.line(progress, width: 10) == "joining   ")
    }
}
