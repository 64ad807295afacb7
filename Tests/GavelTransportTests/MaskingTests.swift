import Testing

@testable import GavelTransport

@Suite struct MaskingTests {
    private static func naive(_ bytes: [UInt8], _ mask: UInt32, phase: Int) -> [UInt8] {
        bytes.enumerated().map { $1 ^ UInt8(truncatingIfNeeded: mask >> (8 * UInt32(($0 + phase) % 4))) }
    }

    @Test("every length, phase and alignment is unmasked as the RFC's formula says")
    func everyLength() {
        let mask: UInt32 = 0xA1B2_C3D4
        let source = (0..<80).map { UInt8(truncatingIfNeeded: $0 &* 37) }
        for start in 0..<9 {
            for count in 0...(80 - start) {
                for phase in 0..<4 {
                    let piece = Array(source[start..<start + count])
                    var target = [UInt8](repeating: 0xEE, count: count + 1)
                    source.withUnsafeBytes { source in
                        target.withUnsafeMutableBytes { target in
                            _ = Masking.remove(
                                mask,
                                phase: phase,
                                from: UnsafeRawBufferPointer(rebasing: source[start..<start + count]),
                                to: target.baseAddress!
                            )
                        }
                    }
                    #expect(target == Self.naive(piece, mask, phase: phase) + [0xEE])
                }
            }
        }
    }

    @Test("one byte that is not ASCII is noticed wherever it stands")
    func noticesNonASCII() {
        for count in 1...40 {
            for position in -1..<count {
                var text = [UInt8](repeating: 0x7F, count: count)
                if position >= 0 { text[position] = 0x80 }
                let masked = Self.naive(text, 0x0102_03FF, phase: 0)
                var target = [UInt8](repeating: 0, count: count)
                let isASCII = masked.withUnsafeBytes { source in
                    target.withUnsafeMutableBytes { Masking.remove(0x0102_03FF, from: source, to: $0.baseAddress!) }
                }
                #expect(isASCII == (position < 0))
                #expect(target == text)
            }
        }
    }
}
