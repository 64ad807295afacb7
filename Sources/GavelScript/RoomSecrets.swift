internal import Crypto

/// What a room's random numbers and ids come from.
///
/// Both are derived from the room's seed (HKDF, RFC 5869), since the state of the random numbers can be computed from a
/// few of them, and tells nothing of the ids then.
struct RoomSecrets {
    /// 32 bytes each.
    let random: [UInt8]
    let ids: [UInt8]

    init(seed: ScriptRules.Seed) {
        let key = withUnsafeBytes(of: seed) { SymmetricKey(data: $0) }
        func derive(_ purpose: String) -> [UInt8] {
            HKDF<SHA256>.deriveKey(inputKeyMaterial: key, info: Array(purpose.utf8), outputByteCount: 32)
                .withUnsafeBytes { Array($0) }
        }
        self.random = derive("math.random")
        self.ids = derive("gavel.id")
    }

    /// The id of a serial: HMAC-SHA256 (RFC 2104), its first 16 bytes.
    static let makeID: @convention(c) (UnsafePointer<UInt8>?, UInt64, UnsafeMutablePointer<UInt8>?) -> Void = {
        secret,
        serial,
        id in
        let key = SymmetricKey(data: UnsafeRawBufferPointer(start: secret, count: 32))
        let code = withUnsafeBytes(of: serial.littleEndian) {
            HMAC<SHA256>.authenticationCode(for: $0, using: key)
        }
        code.withUnsafeBytes {
            UnsafeMutableRawBufferPointer(start: id, count: 16).copyMemory(
                from: UnsafeRawBufferPointer(rebasing: $0[..<16])
            )
        }
    }
}
