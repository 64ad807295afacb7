/// What a client's close frame says (RFC 6455 section 5.5.1).
package struct CloseStatus: Hashable, Sendable {
    /// The code; `nil` where the frame has no payload.
    package var code: UInt16?

    /// Reads the unmasked payload of a close frame.
    /// - Returns: `.invalidClosePayload` for half a code or one that may not be sent, `.invalidUTF8` for the reason.
    static func parse(_ payload: UnsafeRawBufferPointer) -> Result<CloseStatus, FrameError> {
        guard payload.count > 0 else { return .success(CloseStatus(code: nil)) }
        guard payload.count >= 2 else { return .failure(.invalidClosePayload) }
        let code = UInt16(payload[0]) << 8 | UInt16(payload[1])
        guard Self.isAllowed(code) else { return .failure(.invalidClosePayload) }
        guard UTF8Validator.isValid(UnsafeRawBufferPointer(rebasing: payload[2...])) else {
            return .failure(.invalidUTF8)
        }
        return .success(CloseStatus(code: code))
    }

    /// Whether a client may send the code: those registered for use on the wire, and 3000–4999.
    private static func isAllowed(_ code: UInt16) -> Bool {
        switch code {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }
}
