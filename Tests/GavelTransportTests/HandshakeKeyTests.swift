import Testing

@testable import GavelTransport

@Suite struct HandshakeKeyTests {
    @Test("the RFC's example key gets the RFC's answer")
    func accept() {
        #expect(HandshakeKey.accept("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    }

    @Test(
        "16 bytes in Base64 are a key",
        arguments: ["dGhlIHNhbXBsZSBub25jZQ==", "AAAAAAAAAAAAAAAAAAAAAA==", "/+/+/+/+/+/+/+/+/+/+/w=="]
    )
    func valid(key: String) {
        #expect(HandshakeKey.isValid(key))
    }

    @Test(
        "anything else is not",
        arguments: [
            "", "dGhlIHNhbXBsZSBub25jZQ", "dGhlIHNhbXBsZSBub25jZR==", "dGhlIHNhbXBsZSBub25jZQ=A",
            "dGhlIHNhbXBsZSBub2_jZQ==",
            "dGhlIHNhbXBsZSBub25jZWE=", "dGhlIHNhbXBsZQ==",
        ]
    )
    func invalid(key: String) {
        #expect(!HandshakeKey.isValid(key))
    }
}
