import NIOCore
import NIOPosix

extension BenchPlan {
    /// Runs the plan on a thread of its own, and returns when all its connections have ended.
    ///
    /// It takes at most the sum of the plan's times and half a second. What goes wrong is in the report.
    /// - Parameter onProgress: Told how far it is, ten times in a second, on that thread.
    /// - Parameter meanwhile: Called when the measurement begins, which lasts as long as it does instead of ``duration``.
    /// - Precondition: The plan has no ``mistakes``.
    /// - Throws: What the system says when the thread cannot be stopped.
    package func run(
        onProgress: (@Sendable (BenchProgress) -> Void)? = nil,
        meanwhile: (@Sendable () async -> Void)? = nil
    ) async throws -> BenchReport {
        precondition(self.mistakes.isEmpty, self.mistakes.joined(separator: "; "))
        let neededFiles = self.clients + 64
        let openFiles = ProcessUsage.raiseOpenFiles(to: neededFiles)
        guard openFiles >= neededFiles else {
            var report = BenchReport(plan: self)
            report.noteFailure(
                "\(self.clients) clients need \(neededFiles) open files, the system allows \(openFiles): see ulimit -n"
            )
            return report
        }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.next()
        let measuring = meanwhile == nil ? nil : loop.makePromise(of: Bool.self)
        let run = try await loop.submit {
            let run = BenchRun(plan: self, eventLoop: loop)
            run.onProgress = onProgress
            run.measuring = measuring
            return NIOLoopBound(run, eventLoop: loop)
        }.get()
        async let work: Void = {
            guard let meanwhile, let measuring, try await measuring.futureResult.get() else { return }
            await meanwhile()
            loop.execute { run.value.endMeasurement() }
        }()
        let report = try await loop.flatSubmit { run.value.start() }.get()
        try await work
        try await group.shutdownGracefully()
        return report
    }
}
