public import CGavelJSON

/// A client's message as it was scanned: its bytes, its tape and what stands in its envelope.
///
/// A view into memory of the relay; valid only during the call it is passed to.
public struct MessageView {
    /// The JSON object as it was sent, UTF-8.
    public let text: UnsafeRawBufferPointer
    /// The scanner's tokens; never empty.
    public let tape: UnsafeBufferPointer<gj_token>
    /// Where `type`, `ref` and others stand.
    public let envelope: gj_envelope

    /// Makes a view of memory that the caller keeps alive and unchanged while the view is used.
    @inlinable
    public init(text: UnsafeRawBufferPointer, tape: UnsafeBufferPointer<gj_token>, envelope: gj_envelope) {
        self.text = text
        self.tape = tape
        self.envelope = envelope
    }
}
