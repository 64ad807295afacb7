import CGavelJSON

/// A text, scanned, with text and tape in blocks of exactly their sizes, so that AddressSanitizer sees a step outside.
final class Scan {
    /// For the methods of this type alone, which keep it alive.
    let text: UnsafeMutableBufferPointer<UInt8>
    private let storage: UnsafeMutableBufferPointer<gj_token>
    /// What the scan returned: the number of tokens, or a code below zero.
    let code: Int32
    /// The tokens written; empty if the text was refused.
    let tape: [gj_token]
    let envelope: gj_envelope
    let errorOffset: Int

    enum Root {
        case object
        case anyValue
    }

    init(_ bytes: some Collection<UInt8>, _ root: Root = .object, maxDepth: UInt32 = 64, capacity: Int? = nil) {
        self.text = .allocate(capacity: bytes.count)
        _ = self.text.initialize(fromContentsOf: bytes)
        self.storage = .allocate(capacity: capacity ?? gj_tape_capacity(bytes.count))
        self.storage.initialize(repeating: gj_token())
        var envelope = gj_envelope()
        var offset: UInt32 = 0
        switch root {
        case .object:
            self.code = gj_scan(
                self.text.baseAddress,
                self.text.count,
                self.storage.baseAddress,
                self.storage.count,
                maxDepth,
                &envelope,
                &offset
            )
        case .anyValue:
            self.code = gj_scan_value(
                self.text.baseAddress,
                self.text.count,
                self.storage.baseAddress,
                self.storage.count,
                maxDepth,
                &offset
            )
        }
        self.tape = Array(self.storage[..<max(0, Int(self.code))])
        self.envelope = envelope
        self.errorOffset = Int(offset)
    }

    convenience init(_ string: String, _ root: Root = .object, maxDepth: UInt32 = 64, capacity: Int? = nil) {
        self.init(Array(string.utf8), root, maxDepth: maxDepth, capacity: capacity)
    }

    deinit {
        self.text.deallocate()
        self.storage.deallocate()
    }

    /// The token's bytes as they stand in the text.
    func bytes(of index: Int) -> [UInt8] {
        Array(self.text[Int(self.tape[index].start)..<Int(self.tape[index].end)])
    }

    /// The string or key at the index, its escapes resolved into a block of exactly the size that is enough.
    func unescaped(_ index: Int) -> [UInt8] {
        let token = self.tape[index]
        let out = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: Int(token.end - token.start) - 2)
        defer { out.deallocate() }
        let length = gj_unescape(
            self.text.baseAddress,
            self.storage.baseAddress! + index,
            out.baseAddress,
            out.count
        )
        return Array(out[..<length])
    }

    /// As unescaped, into the first capacity bytes of out; nil where those are too few.
    func unescape(_ index: Int, into out: inout [UInt8], capacity: Int) -> Int? {
        let length = gj_unescape(self.text.baseAddress, self.storage.baseAddress! + index, &out, capacity)
        return length == Int(bitPattern: .max) ? nil : length
    }

    func equals(_ index: Int, _ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBytes {
            gj_equals(
                self.text.baseAddress,
                self.storage.baseAddress! + index,
                $0.bindMemory(to: CChar.self).baseAddress,
                $0.count
            )
        }
    }

    func integer(_ index: Int) -> Int64? {
        var value: Int64 = 0
        return gj_integer(self.text.baseAddress, self.storage.baseAddress! + index, &value) ? value : nil
    }

    /// The object without its stamp and without its closing brace, and whether no member is left.
    func stripped() -> (bytes: [UInt8], isEmpty: Bool) {
        let out = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: Int(self.envelope.close))
        defer { out.deallocate() }
        var envelope = self.envelope
        var isEmpty = false
        let length = gj_strip_stamp(
            self.text.baseAddress,
            self.storage.baseAddress,
            &envelope,
            out.baseAddress,
            &isEmpty
        )
        return (Array(out[..<length]), isEmpty)
    }
}

/// Writes bytes as a JSON string, into a block of exactly the size that is always enough.
func writtenString(_ bytes: [UInt8]) -> [UInt8] {
    let out = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 6 * bytes.count + 2)
    defer { out.deallocate() }
    return Array(out[..<gj_write_string(bytes, bytes.count, out.baseAddress)])
}

let badJSON = Int32(GJ_BAD_JSON)
let tooDeep = Int32(GJ_TOO_DEEP)
let notObject = Int32(GJ_NOT_OBJECT)
let tapeFull = Int32(GJ_TAPE_FULL)
