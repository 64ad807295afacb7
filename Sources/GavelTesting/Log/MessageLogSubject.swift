package import GavelCore

/// A log under test, which can be ended and begun again.
package protocol MessageLogSubject: AnyObject {
    /// The log that is running.
    var log: any MessageLog { get }

    /// Called after each call to the log, so that its answer comes.
    func settle()

    /// Ends the process that has the log, and begins another. Lives are forgotten.
    func restart(_ way: MessageLogRestart) async throws
}

package enum MessageLogRestart: Sendable, CaseIterable {
    case inGoodOrder
    /// What is answered is committed; nothing else happens any more.
    case killed
}
