export { faultsOf, invalid, readAs, type Fault } from '@headrace/service-kit';
