import GavelConfig
import GavelTesting
import Testing

@Suite("Durations and sizes")
struct MeasureTests {
    @Test(
        "a duration is read in nanoseconds",
        arguments: [
            ("15s", 15_000_000_000), ("250ms", 250_000_000), ("1.5s", 1_500_000_000), ("10m", 600_000_000_000),
            ("2h", 7_200_000_000_000), ("0s", 0), ("0.25ms", 250_000), ("0.000001ms", 1),
            ("1.000000001s", 1_000_000_001),
        ]
    )
    func readsDuration(text: String, nanoseconds: Int64) throws {
        #expect(try Measure.duration.parse(text) == nanoseconds)
    }

    @Test(
        "a size is read in bytes, by powers of 1024 or of 1000",
        arguments: [
            ("500B", 500), ("64KiB", 65_536), ("1MiB", 1 << 20), ("2GiB", 2 << 30), ("1.5KiB", 1_536), ("64KB", 64_000),
            ("3MB", 3_000_000), ("1GB", 1_000_000_000), ("0B", 0),
        ]
    )
    func readsSize(text: String, bytes: Int64) throws {
        #expect(try Measure.size.parse(text) == bytes)
    }

    @Test(
        "a duration that is nearly right is told how to be written",
        arguments: [
            ("15", "Write \"15s\", or with another unit of ms, s, m, h."), ("15 s", "Write \"15s\"."),
            ("15S", "Write \"15s\"."), ("10 minutes", "Write \"10m\"."), ("5sec", "Write \"5s\"."),
            ("3d", "Write one of ms, s, m, h, such as \"15s\" or \"250ms\"."),
        ]
    )
    func suggestsDuration(text: String, advice: String) {
        let complaint = #expect(throws: Complaint.self) { try Measure.duration.parse(text) }
        #expect(complaint?.advice == advice)
    }

    @Test(
        "a size that is nearly right is told how to be written",
        arguments: [
            ("65536", "Write \"65536B\", or with another unit of B, KiB, MiB, GiB."), ("64k", "Write \"64KiB\"."),
            ("64 KiB", "Write \"64KiB\"."), ("64kib", "Write \"64KiB\"."), ("64kb", "Write \"64KB\"."),
            ("1M", "Write \"1MiB\"."),
        ]
    )
    func suggestsSize(text: String, advice: String) {
        let complaint = #expect(throws: Complaint.self) { try Measure.size.parse(text) }
        #expect(complaint?.advice == advice)
    }

    @Test(
        "what is no number with a unit is refused",
        arguments: [
            "", "s", "-1s", "+1s", "1,5s", ".5s", "1.s", "1.2.3s", "1e3s", "٣s", "99999999999999999999s", "9999999999h",
            "1.0000000001s", "0.0000001ms", "1h30m", "NaNs",
        ]
    )
    func refuses(text: String) {
        #expect(throws: Complaint.self) { try Measure.duration.parse(text) }
    }

    @Test("a part of a byte is refused")
    func refusesPartOfByte() {
        #expect(throws: Complaint.self) { try Measure.size.parse("1.5B") }
        #expect(throws: Complaint.self) { try Measure.size.parse("0.0001KiB") }
    }

    @Test("what is shown is read back as the same")
    func roundTrips() throws {
        var generator = SeededGenerator(seed: 2)
        for _ in 0..<2_000 {
            let count =
                Int64.random(in: 0...(1 << 50), using: &generator) >> Int64.random(in: 0...50, using: &generator)
            for measure in [Measure.duration, .size] {
                #expect(try measure.parse(measure.format(count)) == count, "seed 2")
            }
        }
        #expect(Measure.duration.format(15_000_000_000) == "15s")
        #expect(Measure.duration.format(90_000_000_000) == "90s")
        #expect(Measure.duration.format(250_000) == "0.25ms")
        #expect(Measure.size.format(64 << 10) == "64KiB")
        #expect(Measure.size.format(1_000) == "1000B")
    }
}
