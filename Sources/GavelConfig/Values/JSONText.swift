/// Writes JSON (RFC 8259) into bytes.
package struct JSONText: Sendable {
    package private(set) var bytes: [UInt8] = []

    package init() {}

    /// As it stands: punctuation, numbers, `true`.
    package mutating func append(raw text: some StringProtocol) {
        self.bytes.append(contentsOf: text.utf8)
    }

    /// As a string with its quotes, escaping only what section 7 demands.
    package mutating func append(string: some StringProtocol) {
        self.bytes.append(UInt8(ascii: "\""))
        for byte in string.utf8 {
            switch byte {
            case UInt8(ascii: "\""): self.append(raw: "\\\"")
            case UInt8(ascii: "\\"): self.append(raw: "\\\\")
            case UInt8(ascii: "\n"): self.append(raw: "\\n")
            case UInt8(ascii: "\r"): self.append(raw: "\\r")
            case UInt8(ascii: "\t"): self.append(raw: "\\t")
            case 0..<0x20:
                let hex = String(byte, radix: 16)
                self.append(raw: byte < 0x10 ? "\\u000\(hex)" : "\\u00\(hex)")
            default: self.bytes.append(byte)
            }
        }
        self.bytes.append(UInt8(ascii: "\""))
    }

    /// `open`, the elements separated by commas, `close`.
    package mutating func append<Element, Failure>(
        _ elements: some Sequence<Element>,
        open: String,
        close: String,
        each: (inout JSONText, Element) throws(Failure) -> Void
    ) throws(Failure) {
        self.append(raw: open)
        var isFirst = true
        for element in elements {
            if !isFirst { self.append(raw: ",") }
            isFirst = false
            try each(&self, element)
        }
        self.append(raw: close)
    }
}
