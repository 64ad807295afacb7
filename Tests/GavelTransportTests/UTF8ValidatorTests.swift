import Testing

@testable import GavelTransport

@Suite struct UTF8ValidatorTests {
    private static func isValid(_ bytes: [UInt8]) -> Bool { bytes.withUnsafeBytes(UTF8Validator.isValid) }

    @Test("every scalar is valid, and cut anywhere it is still valid, but not complete")
    func everyScalar() {
        for value in UInt32(0)...0x10FFFF {
            guard value % 61 == 0 || value < 0x900 || value > 0x10FFF0, let scalar = Unicode.Scalar(value) else {
                continue
            }
            let bytes = Array(String(scalar).utf8)
            #expect(Self.isValid(bytes))
            for cut in 1..<max(bytes.count, 1) where cut < bytes.count {
                var validator = UTF8Validator()
                #expect(Array(bytes[..<cut]).withUnsafeBytes { validator.take($0) })
                #expect(!validator.isComplete)
                #expect(Array(bytes[cut...]).withUnsafeBytes { validator.take($0) })
                #expect(validator.isComplete)
            }
        }
    }

    @Test("four bytes of any kind are judged as the standard library judges them")
    func differential() {
        let interesting: [UInt8] = [
            0x41, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC1, 0xC2, 0xE0, 0xE1, 0xED, 0xEE, 0xF0, 0xF4, 0xF5,
        ]
        var disagreements: [[UInt8]] = []
        for first in interesting {
            for second in interesting {
                for third in interesting {
                    for fourth in interesting {
                        let bytes = [first, second, third, fourth]
                        if Self.isValid(bytes) != (String(validating: bytes, as: UTF8.self) != nil) {
                            disagreements.append(bytes)
                        }
                    }
                }
            }
        }
        #expect(disagreements.isEmpty)
    }

    @Test("a wrong byte behind many ASCII ones is found")
    func longText() {
        for length in 0..<40 {
            #expect(!Self.isValid([UInt8](repeating: 65, count: length) + [0xC0, 0x80]))
            #expect(Self.isValid([UInt8](repeating: 65, count: length) + Array("é".utf8)))
        }
    }
}
