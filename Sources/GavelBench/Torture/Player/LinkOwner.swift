/// Whose connection a ``PlayerLink`` is. Confined to the run's event loop.
protocol LinkOwner: AnyObject {
    /// The handshake is done.
    func opened(_ link: PlayerLink)
    func receive(_ text: [UInt8], on link: PlayerLink)
    /// - Parameters:
    ///   - code: Of the close frame; `nil`: none came.
    ///   - failure: What came that no relay sends, in words.
    func ended(_ link: PlayerLink, code: Int?, failure: String?)
}
