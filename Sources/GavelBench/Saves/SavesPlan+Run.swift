package import Foundation
import NIOCore
import NIOPosix

extension SavesPlan {
    /// Runs the plan, with the relay's files in a folder.
    ///
    /// What goes wrong is in the report.
    /// - Precondition: The plan has no ``mistakes``.
    /// - Throws: What the system says where the folder cannot be written, no port is free or no process can be started.
    package func run(in folder: URL) async throws -> SavesReport {
        precondition(self.mistakes.isEmpty, self.mistakes.joined(separator: "; "))
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let folder = RelayFolder.saves(at: folder, port: try await FreePort.find(group))
        try folder.write()
        let loop = group.next()
        let ended = loop.makePromise(of: RelayProcess.Ending.self)
        let relay = try await loop.submit {
            let relay = RelayProcess(program: self.program, folder: folder, eventLoop: loop)
            relay.onEnd = { ended.succeed($0) }
            do { try relay.start() } catch {
                ended.succeed(.asTold)
                throw error
            }
            return NIOLoopBound(relay, eventLoop: loop)
        }.get()
        let result = await self.run(with: SavingDesigner(plan: self, folder: folder), port: folder.port)
        try await loop.submit { relay.value.stop(within: .seconds(20)) }.get()
        let ending = try await ended.futureResult.get()
        let lastWords = try await loop.submit { relay.value.lastWords() }.get()
        try await group.shutdownGracefully()
        var report = try result.get()
        if case .wrong(let words) = ending {
            report.failure = "The relay has a fault: \(words). It said:\n\(lastWords)"
        }
        return report
    }

    private func run(with designer: SavingDesigner, port: Int) async -> Result<SavesReport, any Error> {
        var report = SavesReport(plan: self)
        guard await designer.waitUntilListening() else {
            report.failure = "The relay does not listen."
            return .success(report)
        }
        for round in 0..<self.rounds {
            do {
                let quiet = try await self.traffic(port: port, round: round).run()
                let saves = self.saves(in: round)
                let saved = try await self.traffic(port: port, round: round, areRulesSaved: true)
                    .run(meanwhile: { await designer.save(saves) })
                report.rounds.append((quiet, saved))
            } catch {
                return .failure(error)
            }
        }
        await designer.finish()
        report.saves = await designer.saves
        report.rolledBackRooms = await designer.rolledBackRooms
        report.findings = await designer.findings
        report.take(saved: await designer.saved, lasting: await designer.lasting)
        return .success(report)
    }
}
