internal import GavelAdmin
internal import GavelScript
internal import Logging
internal import NIOCore

extension OperatedRelay {
    /// Takes the commands that this relay does.
    /// - Parameter supervisor: Of its rules.
    func controlServer(
        over socket: ControlSocket,
        supervisor: Supervisor,
        eventLoop: any EventLoop,
        logger: Logger
    ) -> ControlServer {
        var registry = CommandRegistry(nearest: { NearestName.of($0, among: $1) })
        registry.add(self as any RelayOperations)
        registry.add(self as any RoomOperations)
        registry.add(self.failures as any FailureOperations)
        registry.add(SupervisedRules(supervisor) as any RulesOperations)
        registry.add(self as any WatchOperations)
        registry.add(self as any LogOperations)
        registry.add(self as any RecordingOperations)
        let trials = RoomTrials(hub: self.hub, supervisor: supervisor, logger: logger)
        registry.add(trials as any TrialOperations)
        return ControlServer(
            socket: socket,
            registry: registry,
            eventLoop: eventLoop,
            logger: logger
        )
    }
}
