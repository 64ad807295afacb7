package import Foundation
import NIOCore
import NIOPosix

extension TorturePlan {
    /// Runs the plan on a thread of its own, with the relay's files in a folder.
    ///
    /// It takes the plan's duration and at most a minute. What goes wrong is in the report.
    /// - Precondition: The plan has no ``mistakes``.
    /// - Throws: What the system says where the folder cannot be written or no port is free.
    package func run(in folder: URL) async throws -> TortureReport {
        precondition(self.mistakes.isEmpty, self.mistakes.joined(separator: "; "))
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let folder = RelayFolder(url: folder, port: try await self.freePort(group), durability: self.durability)
        try folder.write()
        let loop = group.next()
        let report = try await loop.flatSubmit {
            do {
                return try TortureRun(plan: self, folder: folder, eventLoop: loop).start()
            } catch {
                return loop.makeFailedFuture(error)
            }
        }.get()
        try await group.shutdownGracefully()
        return report
    }

    /// A port that nobody listens on now. Below those that the system gives to connections: one of the clients' own
    /// could take the relay's place while it is away.
    private func freePort(_ group: any EventLoopGroup) async throws -> Int {
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
