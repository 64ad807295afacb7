import NIOCore

/// How far a run is.
package struct BenchProgress: Sendable, Equatable {
    package enum Stage: String, Sendable {
        case joining
        case warmUp = "warm-up"
        case measuring
        case draining
    }

    package var stage: Stage
    /// Of that stage, from 0 to 1.
    package var share: Double
    package var clientsJoined: Int
    /// Messages that arrived while measuring.
    package var delivered: UInt64
}

extension BenchRun {
    private static let progressInterval = Duration.milliseconds(100)

    /// Tells where it is, now and then, as long as it runs.
    func tellProgress() {
        guard let onProgress = self.onProgress, let progress = self.progress else { return }
        onProgress(progress)
        self.after(Self.progressInterval) { $0.tellProgress() }
    }

    private var progress: BenchProgress? {
        let stage: BenchProgress.Stage
        let share: Double
        let elapsed = Duration.nanoseconds(Int64(self.now() - self.stageBegan))
        switch self.stage {
        case .joining: (stage, share) = (.joining, Double(self.report.clientsJoined) / Double(self.plan.clients))
        case .warmUp: (stage, share) = (.warmUp, elapsed / max(self.plan.warmUp, .nanoseconds(1)))
        case .measuring: (stage, share) = (.measuring, elapsed / self.plan.duration)
        case .draining: (stage, share) = (.draining, elapsed / max(self.plan.drain, .nanoseconds(1)))
        case .over: return nil
        }
        return BenchProgress(
            stage: stage,
            share: min(share, 1),
            clientsJoined: self.report.clientsJoined,
            delivered: self.tally.delivered + self.slowTally.delivered
        )
    }
}
