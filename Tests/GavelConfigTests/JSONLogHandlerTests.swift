import Foundation
import GavelConfig
import Logging
import Synchronization
import Testing

@Suite("JSON log lines")
struct JSONLogHandlerTests {
    private final class Lines: Sendable {
        let bytes = Mutex<[UInt8]>([])
    }

    private func line(_ log: (Logger) -> Void) throws -> [String: Any] {
        let lines = Lines()
        let logger = Logger(
            label: "gavel",
            factory: { label in
                JSONLogHandler(
                    label: label,
                    now: { Date(timeIntervalSince1970: 1_700_000_000.25) },
                    write: { line in lines.bytes.withLock { $0 += line } }
                )
            }
        )
        log(logger)
        let bytes = lines.bytes.withLock { $0 }
        #expect(bytes.last == UInt8(ascii: "\n"))
        #expect(bytes.count { $0 == UInt8(ascii: "\n") } == 1)
        return try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
    }

    @Test("a line holds time, level, label and message")
    func holdsFields() throws {
        let line = try self.line { $0.warning("a room is full") }
        #expect(line["time"] as? String == "2023-11-14T22:13:20.250Z")
        #expect(line["level"] as? String == "warning")
        #expect(line["label"] as? String == "gavel")
        #expect(line["message"] as? String == "a room is full")
        #expect(line["metadata"] == nil)
    }

    @Test("whatever stands in a message or in metadata, the line stays one JSON object")
    func escapes() throws {
        let odd = "\"\\\n\r\t\u{0}\u{1F}\u{7F}é\u{2028}"
        let line = try self.line {
            $0.info("\(odd)", metadata: ["room": "\(odd)", odd: ["a", ["b": "\(odd)"]]])
        }
        let metadata = try #require(line["metadata"] as? [String: Any])
        #expect(line["message"] as? String == odd)
        #expect(metadata["room"] as? String == odd)
        let list = try #require(metadata[odd] as? [Any])
        #expect(list[0] as? String == "a")
        #expect((list[1] as? [String: String]) == ["b": odd])
    }

    @Test("metadata of the call wins over that of the logger")
    func mergesMetadata() throws {
        let line = try self.line { logger in
            var logger = logger
            logger[metadataKey: "a"] = "1"
            logger[metadataKey: "b"] = "1"
            logger.error("x", metadata: ["b": "2"])
        }
        #expect(line["metadata"] as? [String: String] == ["a": "1", "b": "2"])
    }

    @Test("a level below the configured one is not logged")
    func obeysLevel() {
        var configuration = LogConfiguration()
        configuration.level = .error
        for format in LogConfiguration.Format.allCases {
            configuration.format = format
            let level = LogLevel(configuration.level)
            #expect(configuration.makeHandler(label: "gavel", metadataProvider: nil, level: level).logLevel == .error)
        }
    }
}
