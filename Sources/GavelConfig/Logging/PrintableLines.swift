internal import Foundation
internal import GavelAdmin

/// Log lines for people, of which nothing can steer a terminal or pass for another line: players write a part of them.
package struct PrintableLines: TextOutputStream, Sendable {
    private let write: @Sendable (_ line: [UInt8]) -> Void

    /// - Parameter write: Takes one line with its line feed, from any thread.
    package init(
        write: @escaping @Sendable (_ line: [UInt8]) -> Void = { try? FileHandle.standardError.write(contentsOf: $0) }
    ) {
        self.write = write
    }

    /// - Parameter line: With its line feed.
    package func write(_ line: String) {
        let text = line.hasSuffix("\n") ? line.dropLast() : line[...]
        self.write(Array("\(PrintableText.line(text))\n".utf8))
    }
}
