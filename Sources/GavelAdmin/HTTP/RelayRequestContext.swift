internal import Hummingbird

/// What is known of a request beside what it says itself.
struct RelayRequestContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// Of whoever asks, or of the proxy.
    let address: String?

    init(source: ApplicationRequestContextSource) {
        self.coreContext = CoreRequestContextStorage(source: source)
        self.address = source.channel.remoteAddress?.ipAddress
    }
}
