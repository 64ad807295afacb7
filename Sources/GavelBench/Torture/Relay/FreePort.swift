import NIOCore
import NIOPosix

/// Where a relay of one's own can listen.
enum FreePort {
    /// A port that nobody listens on now. Below those that the system gives to connections: one of the clients' own
    /// could take the relay's place while it is away.
    static func find(_ group: any EventLoopGroup) async throws -> Int {
        var random = SystemRandomNumberGenerator()
        var last: any Error = CancellationError()
        for _ in 0..<50 {
            let port = Int.random(in: 12_000..<32_000, using: &random)
            do {
                let channel = try await ServerBootstrap(group: group).bind(host: "127.0.0.1", port: port).get()
                try await channel.close()
                return port
            } catch {
                last = error
            }
        }
        throw last
    }
}
