package import Foundation
import NIOCore
import NIOPosix

extension ReturnsPlan {
    /// Runs the plan on a thread of its own, with the relay's files in a folder.
    ///
    /// It takes a few minutes at most. What goes wrong is in the report.
    /// - Precondition: The plan has no ``mistakes``.
    /// - Throws: What the system says where the folder cannot be written or no port is free.
    package func run(in folder: URL) async throws -> ReturnsReport {
        precondition(self.mistakes.isEmpty, self.mistakes.joined(separator: "; "))
        let neededFiles = self.clients + 128
        let openFiles = ProcessUsage.raiseOpenFiles(to: neededFiles)
        guard openFiles >= neededFiles else {
            var report = ReturnsReport(plan: self)
            report.failure =
                "\(self.clients) clients need \(neededFiles) open files, the system allows \(openFiles): see ulimit -n"
            return report
        }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let folder = RelayFolder.returns(at: folder, port: try await FreePort.find(group), plan: self)
        try folder.write()
        let loop = group.next()
        let report = try await loop.flatSubmit {
            do {
                return try ReturnsRun(plan: self, folder: folder, eventLoop: loop).start()
            } catch {
                return loop.makeFailedFuture(error)
            }
        }.get()
        try await group.shutdownGracefully()
        return report
    }
}
