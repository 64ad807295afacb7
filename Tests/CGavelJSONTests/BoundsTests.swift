import CGavelJSON
import Foundation
import Testing

/// Pages of memory between two that must not be touched: a read or write outside ends the process, whatever built it.
private final class GuardedPages {
    private let base: UnsafeMutableRawPointer
    private let pageSize = Int(sysconf(Int32(_SC_PAGESIZE)))
    let bytes: UnsafeMutableBufferPointer<UInt8>

    init() throws {
        let flags = MAP_PRIVATE | MAP_ANONYMOUS
        let memory = mmap(nil, self.pageSize * 4, PROT_NONE, flags, -1, 0)
        self.base = try #require(memory != MAP_FAILED ? memory : nil)
        try #require(mprotect(self.base + self.pageSize, self.pageSize * 2, PROT_READ | PROT_WRITE) == 0)
        let first = (self.base + self.pageSize).assumingMemoryBound(to: UInt8.self)
        self.bytes = UnsafeMutableBufferPointer(start: first, count: self.pageSize * 2)
    }

    deinit {
        munmap(self.base, self.pageSize * 4)
    }

    /// The first or the last count bytes between the guards.
    func edge(_ count: Int, last: Bool) -> UnsafeMutableBufferPointer<UInt8> {
        UnsafeMutableBufferPointer(rebasing: last ? self.bytes.suffix(count) : self.bytes.prefix(count))
    }
}

@Suite("Memory bounds")
struct BoundsTests {
    private func texts() -> [[UInt8]] {
        var texts = CorpusTests.valid + CorpusTests.invalid
        for length in 0..<50 {
            let run = String(repeating: "1", count: length)
            texts += [
                run, "-" + run, run + ".", run + "." + run, "\"" + run, "\"" + run + "\"", "\"" + run + "\\", run + " ",
            ]
            texts += [
                "{\"" + run, "{\"" + run + "\":1}", "{\"" + run + "\":" + run + "}", "\"" + run + "\\u00",
                "[" + run + "]",
            ]
            texts += [
                "{\"client_id\":\(length),\"" + run + "\":0}", "\"" + run + "\\ud83d\\ude0", "tru" + run, run + "nul",
            ]
        }
        return texts.map { Array($0.utf8) }
    }

    @Test("a scan, a strip and an unescape touch no byte before or after what they are given")
    func staysBetweenGuards() throws {
        let input = try GuardedPages()
        let output = try GuardedPages()
        for contents in self.texts() {
            for last in [true, false] {
                let text = input.edge(contents.count, last: last)
                _ = text.update(fromContentsOf: contents)
                let same = Scan(contents, .anyValue)
                var tape = [gj_token](repeating: gj_token(), count: gj_tape_capacity(text.count))
                let count = tape.count
                let code = gj_scan_value(text.baseAddress, text.count, &tape, count, 64, nil)
                #expect(code == same.code)
                for index in 0..<max(0, Int(code)) {
                    let token = tape[index]
                    if Int(token.kind) == GJ_NUMBER, Int(token.flags) & GJ_INTEGER != 0 {
                        var value: Int64 = 0
                        let fits = gj_integer(text.baseAddress, &tape[index], &value)
                        #expect((fits ? value : nil) == same.integer(index))
                    }
                    guard [GJ_STRING, GJ_KEY].contains(Int(token.kind)) else { continue }
                    let expected = same.unescaped(index)
                    let out = output.edge(expected.count, last: last)
                    #expect(gj_unescape(text.baseAddress, &tape[index], out.baseAddress, out.count) == expected.count)
                    #expect(Array(out) == expected)
                    let written = writtenString(expected)
                    let room = output.edge(written.count, last: last)
                    let source = input.edge(expected.count, last: !last)
                    let kept = Array(source)
                    _ = source.update(fromContentsOf: expected)
                    #expect(gj_write_string(source.baseAddress, source.count, room.baseAddress) == written.count)
                    #expect(Array(room) == written)
                    _ = source.update(fromContentsOf: kept)
                }
                var envelope = gj_envelope()
                guard gj_scan(text.baseAddress, text.count, &tape, count, 64, &envelope, nil) > 0 else { continue }
                let out = output.edge(Int(envelope.close), last: last)
                var isEmpty = false
                let length = gj_strip_stamp(text.baseAddress, tape, &envelope, out.baseAddress, &isEmpty)
                #expect(Array(out[..<length]) == Scan(contents).stripped().bytes)
            }
        }
    }
}
