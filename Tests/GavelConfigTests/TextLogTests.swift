import GavelConfig
import Logging
import Synchronization
import Testing

@Suite("Log lines for people")
struct TextLogTests {
    @Test("whatever players write, an entry stays one line and cannot steer a terminal")
    func escapes() throws {
        let written = Mutex("")
        let stream = PrintableLines { line in written.withLock { $0 += String(decoding: line, as: UTF8.self) } }
        let handler = { label in StreamLogHandler(label: label, stream: stream, metadataProvider: nil) }
        let odd = "a\u{1B}[2J\r\n\tb\u{2028}é"
        Logger(label: "gavel", factory: handler).info("\(odd)", metadata: ["name": "\(odd)"])
        let line = written.withLock { $0 }
        #expect(line.hasSuffix("[GavelConfigTests] a·[2J···b·é\n"))
        #expect(line.contains(" gavel: name=a·[2J···b·é "))
        #expect(line.unicodeScalars.count { $0 == "\n" } == 1)
    }
}
