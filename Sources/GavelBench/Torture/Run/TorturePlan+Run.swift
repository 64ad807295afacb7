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
        let folder = RelayFolder.torture(
            at: folder,
            port: try await FreePort.find(group),
            durability: self.durability
        )
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
}
